/** How the API server learns who asks. */
export type Credentials = BearerCredentials | ClientCertificate;

/** A token that expires. */
export interface BearerCredentials {
  readonly kind: 'bearer';
  /** Value of the header `authorization`. @throws CollectorError */
  authorization(): Promise<string>;
  /**
   * Another value after the server answered 401 to `rejected`. Callers that were rejected with the same value
   * share one renewal. @throws CollectorError
   */
  renew(rejected: string): Promise<string>;
}

/** As kubeconfigs of local clusters have it. */
export interface ClientCertificate {
  readonly kind: 'client-certificate';
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

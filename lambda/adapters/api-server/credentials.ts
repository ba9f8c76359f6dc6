/** How requests authenticate to the API server. */
export type Credentials = BearerCredentials | ClientCertificate;

/** A token that expires. */
export interface BearerCredentials {
  readonly kind: 'bearer';
  /** Value of the header `authorization`. @throws CollectorError */
  authorization(): Promise<string>;
  /**
   * A new value after the server answered 401 to `rejected`. Callers that were rejected with the same value share
   * one renewal. @throws CollectorError
   */
  renew(rejected: string): Promise<string>;
}

/** As in kubeconfigs of local clusters. */
export interface ClientCertificate {
  readonly kind: 'client-certificate';
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

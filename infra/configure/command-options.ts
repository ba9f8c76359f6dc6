/** What the stack does beyond its own resources, only on request. */
export interface Options {
  /** Add the missing rule for the metrics port to node security groups. */
  readonly openMetricsPort: boolean;
  /** Have the function read the nodes itself. */
  readonly direct: boolean;
  /** Create the missing VPC endpoints. */
  readonly createEndpoints: boolean;
}

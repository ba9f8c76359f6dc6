import type { XmlContent } from './xml.ts';

/** A kind of resource that EC2 describes: how it is filtered and written. */
export interface Ec2Action {
  /** Element that holds the items. */
  readonly set: string;
  /** Parameters that select, by name, with the filter that each of them stands for. */
  readonly selectedBy?: Readonly<Record<string, string>>;
  /** @throws AwsRefusal where the caller may not ask */
  resources(): readonly Ec2Resource[];
}

export interface Ec2Resource {
  /** By name of the filter, without tags. */
  readonly filters: Readonly<Record<string, string | readonly string[]>>;
  readonly tags: Tags;
  readonly xml: XmlContent;
}

export type Tags = Readonly<Record<string, string>>;

/** As EC2 writes them. */
export const tagSet = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

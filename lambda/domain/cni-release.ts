/** A release of the Amazon VPC CNI: `1.23.2`. */
export type CniRelease = `${number}.${number}.${number}`;

const RELEASE = /^v?(\d{1,3})\.(\d{1,3})\.(\d{1,3})/;

/** A number that orders releases: 1_023_002 for `v1.23.2-eksbuild.1`; NaN for a text that names no release. */
export function releaseNumber(text: string): number {
  const [, major, minor, patch] = RELEASE.exec(text) ?? [];
  return 1_000_000 * Number(major) + 1_000 * Number(minor) + Number(patch);
}

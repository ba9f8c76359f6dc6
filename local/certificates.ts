import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
// The certificate library needs the metadata functions of Reflect when it is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';

/** A certificate, a chain or a private key as text (RFC 7468). */
export type PEM = string;

/** A certificate authority of the embedded cluster, as every EKS cluster has its own. */
export interface Authority {
  /** What clients must trust; base64 of it is what EKS calls `certificateAuthority.data`. */
  readonly certificate: PEM;
  /**
   * A server certificate, valid from an hour ago for a year.
   * @param hosts DNS names and IP addresses of the server; at least one
   * @param options.expired the certificate expired an hour ago
   */
  issue(
    hosts: readonly string[],
    options?: { readonly expired?: boolean },
  ): Promise<{ readonly cert: PEM; readonly key: PEM }>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

x509.cryptoProvider.set(webcrypto);

/** Creates an authority with a new key. @param name its common name, without commas */
export async function createAuthority(name: string): Promise<Authority> {
  const authorityKeys = await newKeys();
  const now = SYSTEM_CLOCK.now();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    serialNumber: newSerial(),
    notBefore: new Date(now - YEAR),
    notAfter: new Date(now + 10 * YEAR),
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });

  return {
    certificate: authority.toString('pem'),
    async issue([host = '', ...others], { expired = false } = {}) {
      const keys = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${host}`,
        issuer: authority.subject,
        serialNumber: newSerial(),
        notBefore: new Date(now - (expired ? 2 * HOUR : HOUR)),
        notAfter: new Date(now + (expired ? -HOUR : YEAR)),
        publicKey: keys.publicKey,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
          new x509.SubjectAlternativeNameExtension([host, ...others].map(alternativeName)),
        ],
      });
      const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
      return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Positive and unique, as clients that cache by issuer and serial number expect. */
function newSerial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

function alternativeName(host: string): { type: 'dns' | 'ip'; value: string } {
  return { type: isIP(host) ? 'ip' : 'dns', value: host };
}

/** Hashes and signatures as a port; the Node implementation is in `node/hash.ts`. */

/** Hashes text. All results are lower-case hexadecimal. */
export interface Hash {
  sha256(text: string): string
  hmacSha256(key: string | Uint8Array, text: string): string
  /** Compares two digests in a time that does not tell where they differ. */
  equal(left: string, right: string): boolean
}

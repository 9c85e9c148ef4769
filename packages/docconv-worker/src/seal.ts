/** Seals what must not be readable where it is kept: AES-256-GCM, bound to its context, with keys that rotate. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { DocconvError } from "./docconv-error.ts";

/** Shortest secret that keys are derived from, in characters. */
const MIN_SECRET_LENGTH = 32;

const IV_BYTES = 12; // NIST SP 800-38D, section 8.2: 96 bits
const TAG_BYTES = 16;

/** Seals and opens texts. */
export interface Seal {
  /** @param context bound to the text: opening needs the same */
  seal(text: string, context: string): string;
  /** @throws DocconvError `seal-broken` for another key, another context, or changed bytes */
  open(sealed: string, context: string): string;
}

/**
 * @param secrets the first one seals, all of them open: to rotate, put the new one in front.
 * @throws DocconvError `weak-secret`
 */
export function createSeal(secrets: readonly [string, ...string[]]): Seal {
  const keys = new Map(secrets.map((secret) => deriveKey(secret)));
  const [currentId] = deriveKey(secrets[0]);
  return {
    seal(text, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keyOf(currentId), iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return `${currentId}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url")}`;
    },
    open(sealed, context) {
      const [keyId = "", encoded = ""] = sealed.split(".");
      const bytes = Buffer.from(encoded, "base64url");
      try {
        const decipher = createDecipheriv("aes-256-gcm", keyOf(keyId), bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const body = bytes.subarray(IV_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new DocconvError(
          "seal-broken",
          "A sealed credential does not open: was credentialKey changed without keeping the old one second?",
          { cause },
        );
      }
    },
  };

  function keyOf(id: string): KeyObject {
    const key = keys.get(id);
    if (!key) throw new Error(`No key ${id}.`);
    return key;
  }
}

function deriveKey(secret: string): [id: string, key: KeyObject] {
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new DocconvError(
      "weak-secret",
      `A secret for sealing credentials has at least ${MIN_SECRET_LENGTH} characters: try \`openssl rand -hex 32\`.`,
    );
  }
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "docconv credential", 32));
  return [createHash("sha256").update(key).digest("hex").slice(0, 8), createSecretKey(key)];
}

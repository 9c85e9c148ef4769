/**
 * plone.session's tickets, the value of the `__ac` cookie: made by the demo's CMS, read for the user id, and
 * verified locally where a shared secret is configured.
 *
 * ```
 * ticket = signature (32 bytes) || %08x(timestamp) || userId "!" [tokens "!"] userData
 * wire   = urlquote(base64(ticket))
 * ```
 * Source: plone.session 5.0.0, `plone/session/tktauth.py`.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a ticket says. Nothing of it is true before it was verified, here or by the CMS. */
export interface Ticket {
  readonly userId: string;
  readonly tokens: readonly string[];
  readonly userData: string;
  /** When it was made: seconds since 1970. */
  readonly timestamp: number;
}

/** `hmac-sha256` is Plone's own; `md5` is its mod_auth_tkt compatible mode. */
export type TicketAlgorithm = "hmac-sha256" | "md5";

export interface CreateTicketOptions {
  readonly secret: string;
  readonly userId: string;
  readonly tokens?: readonly string[];
  readonly userData?: string;
  /** Seconds since 1970; default: now. */
  readonly timestamp?: number;
  /** Default: `hmac-sha256`. */
  readonly algorithm?: TicketAlgorithm;
}

export interface VerifyTicketOptions {
  /** Shared with the CMS; several while it rotates. */
  readonly secret: string | readonly string[];
  /** How long a ticket is valid, in seconds; 0: for ever. Default: 7200, as plone.session's. */
  readonly timeoutSeconds?: number;
  /** Seconds since 1970; default: now. */
  readonly now?: number;
  /** Default: `hmac-sha256`. */
  readonly algorithm?: TicketAlgorithm;
}

const SIGNATURE_BYTES = 32; // raw for HMAC-SHA256, hexadecimal for MD5: the same length
const HEADER_BYTES = SIGNATURE_BYTES + 8;
const DEFAULT_TIMEOUT_SECONDS = 7200;

/**
 * The wire value of a new ticket, ready for `Set-Cookie: __ac=...`.
 * @throws RangeError for a separator in a field, which nobody could read back
 */
export function createTicket(options: CreateTicketOptions): string {
  const timestamp = options.timestamp ?? nowSeconds();
  const ticket: Ticket = {
    userId: options.userId,
    tokens: options.tokens ?? [],
    userData: options.userData ?? "",
    timestamp,
  };
  for (const field of [ticket.userId, ticket.userData, ...ticket.tokens]) {
    if (/[!\0]/.test(field)) throw new RangeError("A ticket's fields must hold neither `!` nor NUL.");
  }
  if (ticket.tokens.some((token) => token.includes(",")))
    throw new RangeError("A ticket's tokens must not hold `,`: it separates them.");
  const tokens = ticket.tokens.length > 0 ? `${ticket.tokens.join(",")}!` : "";
  const bytes = Buffer.concat([
    sign(ticket, options.secret, options.algorithm ?? "hmac-sha256"),
    Buffer.from(timestamp.toString(16).padStart(8, "0")),
    Buffer.from(`${ticket.userId}!${tokens}${ticket.userData}`),
  ]);
  // Python's urllib.parse.quote leaves "/" as it is.
  return encodeURIComponent(bytes.toString("base64")).replaceAll("%2F", "/");
}

/** What a wire value says, unverified; undefined if it is no ticket (a Zope-root user's `__ac` is none). */
export function parseTicket(wire: string): Ticket | undefined {
  return decode(wire)?.ticket;
}

/**
 * What a wire value says, if its signature and its age are right; otherwise undefined.
 *
 * A ticket stays valid until its time is over: this notices neither a logout, nor a changed password, nor a
 * deleted or disabled user. Only the CMS does.
 */
export function verifyTicket(wire: string, options: VerifyTicketOptions): Ticket | undefined {
  const decoded = decode(wire);
  if (decoded === undefined) return undefined;
  const { ticket, signature } = decoded;
  const secrets = typeof options.secret === "string" ? [options.secret] : options.secret;
  const genuine = secrets.some((secret) =>
    timingSafeEqual(signature, sign(ticket, secret, options.algorithm ?? "hmac-sha256")),
  );
  const timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const now = options.now ?? nowSeconds();
  const alive = timeoutSeconds === 0 || ticket.timestamp + timeoutSeconds > now;
  return genuine && alive ? ticket : undefined;
}

function sign(ticket: Ticket, secret: string, algorithm: TicketAlgorithm): Buffer {
  const addressAndTime = Buffer.alloc(8); // the client's address stays 0.0.0.0, as plone.session leaves it
  addressAndTime.writeUInt32BE(ticket.timestamp, 4);
  const content = Buffer.from(`${ticket.userId}\0${ticket.tokens.join(",")}\0${ticket.userData}`);
  if (algorithm === "hmac-sha256") {
    return createHmac("sha256", secret).update(addressAndTime).update(content).digest();
  }
  const inner = createHash("md5").update(addressAndTime).update(secret).update(content).digest("hex");
  return Buffer.from(createHash("md5").update(inner).update(secret).digest("hex"));
}

function decode(wire: string): { ticket: Ticket; signature: Buffer } | undefined {
  const bytes = Buffer.from(unquote(wire), "base64");
  const timestamp = bytes.toString("latin1", SIGNATURE_BYTES, HEADER_BYTES);
  if (!/^[0-9a-f]{8}$/i.test(timestamp)) return undefined;
  const parts = bytes.toString("utf8", HEADER_BYTES).split("!");
  const [userId, second, third] = parts;
  if (userId === undefined || userId === "" || second === undefined || parts.length > 3) return undefined;
  return {
    signature: bytes.subarray(0, SIGNATURE_BYTES),
    ticket: {
      userId,
      tokens: third === undefined ? [] : second.split(","),
      userData: third ?? second,
      timestamp: Number.parseInt(timestamp, 16),
    },
  };
}

/** Zope quotes cookie values in `Set-Cookie`, and browsers send the quotes back. */
function unquote(wire: string): string {
  try {
    return decodeURIComponent(wire.replace(/^"(.*)"$/, "$1"));
  } catch {
    return ""; // a broken escape: no ticket
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

import { describe, expect, it } from "vitest";
import { createTicket, parseTicket, verifyTicket, type TicketAlgorithm } from "./plone-ticket.ts";

const secret = "abcdefghijklmnopqrstuvwxyz0123456789";
const timestamp = 1_216_720_800;
const HEX_FORM_ADMIN = "NjE2NDZkNjk2ZTo2MTY0NmQ2OTZl";

/** From plone.session's own tests. */
const vectors: readonly {
  wire: string;
  userId: string;
  algorithm: TicketAlgorithm;
  tokens: readonly string[];
  userData: string;
}[] = [
  {
    wire: "8wiYmYOwO%2B%2BVlO4AOw3432oTlQ4qMP/ag5ZhNb72WBE0ODg1YWZhMGpibG9nZ3Mh",
    userId: "jbloggs",
    algorithm: "hmac-sha256",
    tokens: [],
    userData: "",
  },
  {
    wire: "KrFtrDFj9fWk%2By/L%2B92oQ7sEmR5Qwm3R%2BoX5LA42YeI0ODg1YWZhMGpibG9nZ3MhZm9vLGJhciFKb2UgQmxvZ2dz",
    userId: "jbloggs",
    algorithm: "hmac-sha256",
    tokens: ["foo", "bar"],
    userData: "Joe Bloggs",
  },
  {
    wire: "vHHccAv5Rh90a38oWBqOvbf10YXgjWwUKZurg6eHyNA0ODg1YWZhMMOjYmNkw6kh",
    userId: "ãbcdé",
    algorithm: "hmac-sha256",
    tokens: [],
    userData: "",
  },
  {
    wire: "ur3yK%2BxxySNCJjy1Fh77e2/tqHwehI2r3piThwQkhpU0ODg1YWZhMGpvQGV4YW1wbGUuY29tIQ%3D%3D",
    userId: "jo@example.com",
    algorithm: "hmac-sha256",
    tokens: [],
    userData: "",
  },
  {
    wire: "YzdjNzMwMGFjNWNmNTI5NjU2NDQ0MTIzYWNhMzQ1Mjk0ODg1YWZhMGpibG9nZ3Mh",
    userId: "jbloggs",
    algorithm: "md5",
    tokens: [],
    userData: "",
  },
];

describe.each(vectors)("the $algorithm ticket of $userId, tokens $tokens", ({ wire, ...fields }) => {
  const { algorithm, ...said } = fields;

  it("is made byte for byte as plone.session makes it", () => {
    expect(createTicket({ secret, timestamp, ...fields })).toBe(wire);
  });

  it("says what plone.session reads from it, with or without Zope's quotes around it", () => {
    expect(parseTicket(wire)).toEqual({ ...said, timestamp });
    expect(parseTicket(`"${wire}"`)).toEqual({ ...said, timestamp });
  });

  it("is valid until its last second, and not a second longer", () => {
    const at = (age: number) => verifyTicket(wire, { secret, algorithm, now: timestamp + age });
    expect(at(7199)).toEqual({ ...said, timestamp });
    expect(at(7200)).toBeUndefined();
    expect(verifyTicket(wire, { secret, algorithm, now: timestamp * 2, timeoutSeconds: 0 })).toBeDefined();
  });

  it("is refused with another secret or algorithm, and taken with any of several secrets", () => {
    const now = timestamp;
    expect(verifyTicket(wire, { secret: "another", algorithm, now })).toBeUndefined();
    expect(verifyTicket(wire, { secret: ["another", secret], algorithm, now })).toBeDefined();
    const other = algorithm === "md5" ? "hmac-sha256" : "md5";
    expect(verifyTicket(wire, { secret, algorithm: other, now })).toBeUndefined();
  });

  it("is refused after any change of a single character", () => {
    // The last characters of a signature that is not aligned to base64's groups still change a byte.
    for (let index = 0; index < wire.length; index += 7) {
      const changed = wire.slice(0, index) + (wire[index] === "A" ? "B" : "A") + wire.slice(index + 1);
      expect(verifyTicket(changed, { secret, algorithm, now: timestamp })).toBeUndefined();
    }
  });
});

describe("what is no ticket", () => {
  it.each([
    ["the hex form of a Zope-root user", HEX_FORM_ADMIN],
    ["nothing", ""],
    ["garbage", "garbage"],
    ["a broken escape", "%E0%A4%A"],
    [
      "too many parts",
      encodeURIComponent(Buffer.from(`${"x".repeat(32)}4885afa0a!b!c!d`).toString("base64")),
    ],
    ["one part", encodeURIComponent(Buffer.from(`${"x".repeat(32)}4885afa0abc`).toString("base64"))],
    ["nobody's", encodeURIComponent(Buffer.from(`${"x".repeat(32)}4885afa0!`).toString("base64"))],
  ])("%s is neither read nor verified", (_, wire) => {
    expect(parseTicket(wire)).toBeUndefined();
    expect(verifyTicket(wire, { secret })).toBeUndefined();
  });

  it.each([
    [{ userId: "a!b" }],
    [{ userId: "a\0b" }],
    [{ userId: "a", tokens: ["b,c"] }],
    [{ userId: "a", userData: "!" }],
  ])("a ticket that nobody could read back is not made: %j", (fields) => {
    expect(() => createTicket({ secret, ...fields })).toThrow(RangeError);
  });
});

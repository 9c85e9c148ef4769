import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Credentials } from "./credentials.ts";

const raw = '"8wiYmYOwO%2B%2BVlO4A/ag5ZhNb72WBE0%3D%3D"';

function hash(header: string): string | undefined {
  return Credentials.fromCookieHeader(header)?.hash;
}

describe("Credentials", () => {
  it("keeps the allowed cookies raw, and no other", () => {
    const credentials = Credentials.fromCookieHeader(`theme=dark; __ac=${raw}; _ga=1; auth_token=a.b.c`);
    expect(credentials?.toCookieHeader()).toBe(`__ac=${raw}; auth_token=a.b.c`);
    expect(credentials?.toCookieHeader(["__ac"])).toBe(`__ac=${raw}`);
    expect(credentials?.cookie("__ac")).toBe(raw);
    expect(credentials?.cookie("theme")).toBeUndefined();
  });

  it("takes the cookie names that a site configures", () => {
    const credentials = Credentials.fromCookieHeader(`sessionid=1; __ac=${raw}`, ["sessionid"]);
    expect(credentials?.toCookieHeader()).toBe("sessionid=1");
  });

  it.each([[undefined], [""], ["theme=dark"], ["__ac="], ["__ac"], ["__ac=a\r\nX-Evil: 1"], ["__ac=a\0b"]])(
    "finds none in %j",
    (header) => {
      expect(Credentials.fromCookieHeader(header)).toBeUndefined();
    },
  );

  it("takes the first of several with one name, as Zope does", () => {
    expect(Credentials.fromCookieHeader("__ac=mine; __ac=planted")?.toCookieHeader()).toBe("__ac=mine");
  });

  it("has one hash for the same cookies in any order, and another for any other value", () => {
    expect(hash("__ac=a; auth_token=b")).toBe(hash("auth_token=b;  x=1; __ac=a"));
    expect(hash("__ac=a")).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([hash("__ac=a"), hash("__ac=b"), hash("auth_token=a")]).size).toBe(3);
  });

  it("survives the way through another process", () => {
    const credentials = Credentials.fromCookieHeader(`__ac=${raw}; auth_token=b`);
    expect(Credentials.fromCookieHeader(credentials?.toCookieHeader())?.hash).toBe(credentials?.hash);
  });

  it("is redacted however it is printed", () => {
    const credentials = Credentials.fromCookieHeader("__ac=secret-ticket");
    const printed = [
      String(credentials),
      JSON.stringify({ credentials }),
      inspect({ credentials }, { depth: 9, showHidden: true }),
      inspect(credentials, { customInspect: false, showHidden: true }),
      Object.values(credentials ?? {}).join(" "),
    ];
    expect(printed.join("\n")).not.toContain("secret-ticket");
    expect(printed.join("\n")).not.toContain(credentials?.hash);
  });
});

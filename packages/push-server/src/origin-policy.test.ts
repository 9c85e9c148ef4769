import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { OriginPolicy, type OriginVerdict } from "./origin-policy.ts";

function judge(headers: IncomingMessage["headers"], allowed?: readonly string[]): OriginVerdict {
  return new OriginPolicy(allowed).judge({ headers } as IncomingMessage);
}

describe("without a list, the origin that a request is addressed to", () => {
  it.each([
    ["http://intranet.example", "intranet.example"],
    ["http://intranet.example", "intranet.example:80"],
    ["https://intranet.example", "intranet.example"],
    ["https://intranet.example", "intranet.example:443"],
    ["https://intranet.example:8443", "intranet.example:8443"],
    ["https://intranet.example", "INTRANET.example"],
    ["http://[::1]:8070", "[::1]:8070"],
    ["http://[::1]", "[0:0:0:0:0:0:0:1]:80"],
    ["http://127.0.0.1:8070", "127.0.0.1:8070"],
  ])("%s may connect to %s", (origin, host) => {
    expect(judge({ origin, host })).toBe("allowed");
  });

  it.each([
    ["https://intranet.example:80", "intranet.example"],
    ["http://intranet.example", "intranet.example:8080"],
    ["http://intranet.example", "sub.intranet.example"],
    ["http://sub.intranet.example", "intranet.example"],
    ["http://intranet.example.evil.example", "intranet.example"],
    ["http://intranet.example@evil.example", "intranet.example"],
    ["http://evil.example/intranet.example", "intranet.example"],
    ["http://[::1]:8070", "[::2]:8070"],
    ["ftp://intranet.example", "intranet.example"],
    ["file://", "intranet.example"],
    ["null", "null"],
    ["", ""],
    ["http://", ""],
    ["http://intranet.example", undefined],
  ])("%s may not connect to %s", (origin, host) => {
    expect(judge({ origin, ...(host !== undefined && { host }) })).toBe("foreign");
  });

  it("is not what a request says of other hosts", () => {
    const forwarded = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
    const headers = { host: "intranet.example", "x-forwarded-proto": "https", ...forwarded };
    expect(judge({ origin: "https://evil.example", ...headers })).toBe("foreign");
    expect(judge({ origin: "https://intranet.example", ...headers })).toBe("allowed");
    // Nor a page that came without TLS, where the proxy says that this request came with it.
    expect(judge({ origin: "http://intranet.example", ...headers })).toBe("foreign");
    expect(judge({ referer: "http://intranet.example/page", ...headers })).toBe("foreign");
    expect(judge({ "sec-fetch-site": "same-site", ...headers })).toBe("missing");
    expect(judge(headers)).toBe("missing");
  });
});

describe("with a list, its origins", () => {
  const allowed = ["https://intranet.example", "http://[::1]:8080"];

  it.each([
    ["https://intranet.example", "push.example"],
    ["https://intranet.example:443", "push.example"],
    ["http://[0::1]:8080", "push.example"],
  ])("%s may connect, wherever the server is", (origin, host) => {
    expect(judge({ origin, host }, allowed)).toBe("allowed");
  });

  it.each(["http://intranet.example", "https://push.example", "https://intranet.example:8443", "null"])(
    "%s may not",
    (origin) => {
      expect(judge({ origin, host: "push.example" }, allowed)).toBe("foreign");
    },
  );

  it("hold for pages of the server's own origin, too", () => {
    const own = { "sec-fetch-site": "same-origin" };
    expect(judge({ ...own, host: "push.example" }, allowed)).toBe("foreign");
    expect(judge({ ...own, host: "intranet.example" }, allowed)).toBe("allowed");
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { CmsClient, FetchDocumentOptions, FetchedDocument } from "./cms-client.ts";
import { connect, credentials } from "./testing/connect.ts";
import {
  redirect,
  send,
  sendJson,
  startServer,
  type Answer,
  type TestServer,
} from "./testing/http-server.ts";

const JANE = credentials("__ac=jane");
const LOGIN = "/acl_users/credentials_cookie_auth/require_login?came_from=x";
const OPTIONS: FetchDocumentOptions = { maxBytes: 1_000_000 };

async function text(document: FetchedDocument): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of document.body) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** A CMS whose `/doc` is this answer, and that knows jane. */
async function serving(answer: Answer, timeoutMs = 5000): Promise<{ server: TestServer; cms: CmsClient }> {
  const server = await startServer((request, response) => {
    if (request.url !== "/@@push-whoami") return answer(request, response);
    const userid = request.headers.cookie === "__ac=jane" ? "jane" : null;
    return sendJson(response, 200, { userid, groups: [] });
  });
  return { server, cms: connect({ baseUrl: server.url, timeoutMs }) };
}

async function fetchFrom(answer: Answer, options = OPTIONS, who = JANE): Promise<string> {
  const { cms } = await serving(answer);
  return text(await cms.fetchDocument(who, "/doc", options));
}

function withBody(headers: Record<string, string>, body: string | Buffer = "a document"): Answer {
  return (_, response) => response.writeHead(200, headers).end(body);
}

describe("a document", () => {
  it("is fetched as the user, with its name and media type", async () => {
    const headers = {
      "content-type": "Application/PDF; charset=x",
      "content-disposition": "attachment; filename*=UTF-8''pl%C3%A4n.pdf",
    };
    const { server, cms } = await serving(withBody(headers));
    const document = await cms.fetchDocument(JANE, `${server.url}/a/@@download/file`, OPTIONS);
    expect(document).toMatchObject({ name: "plän.pdf", mediaType: "application/pdf" });
    expect(await text(document)).toBe("a document");
    expect(server.seen).toMatchObject([{ method: "GET", path: "/a/@@download/file" }]);
    expect(server.seen[0]?.headers.cookie).toBe("__ac=jane");
  });

  it.each([
    ["/work/pl%C3%A4n.pdf", "plän.pdf"],
    ["/work/plan.pdf/@@download", "plan.pdf"],
    ["/work/100%25.pdf?x=/y", "100%.pdf"],
    ["/", "document"],
  ])("at %s without a name in its headers is called %s", async (path, name) => {
    const { cms } = await serving(withBody({}));
    const document = await cms.fetchDocument(JANE, path, OPTIONS);
    expect(document).toMatchObject({ name, mediaType: "application/octet-stream" });
    await text(document);
  });

  it("comes with Volto's token as a bearer", async () => {
    const { server, cms } = await serving(withBody({}));
    await text(await cms.fetchDocument(credentials("auth_token=a.b.c"), "/doc", OPTIONS));
    expect(server.seen[0]?.headers).toMatchObject({ authorization: "Bearer a.b.c" });
    expect(server.seen[0]?.headers.cookie).toBeUndefined();
  });

  it("is found under the public URL, and under further bases", async () => {
    const files = await startServer(withBody({}, "a file"));
    const server = await startServer(withBody({}));
    const publicUrl = "https://intranet.example.com";
    const cms = connect({ baseUrl: server.url, publicUrl, documentBases: [`${files.url}/shared`] });
    expect(await text(await cms.fetchDocument(JANE, `${publicUrl}/doc`, OPTIONS))).toBe("a document");
    expect(await text(await cms.fetchDocument(JANE, `${files.url}/shared/x`, OPTIONS))).toBe("a file");
    await expect(cms.fetchDocument(JANE, `${files.url}/other`, OPTIONS)).rejects.toMatchObject({
      code: "url-not-allowed",
    });
  });

  it("that is HTML is a document as well, login forms that it ships as a file included", async () => {
    const page = `<html><p>${"x".repeat(400_000)}</p></html>`;
    expect(await fetchFrom(withBody({ "content-type": "text/html" }, page))).toBe(page);
    const form = '<form id="login_form">';
    const attached = { "content-type": "text/html", "content-disposition": 'attachment; filename="a.html"' };
    expect(await fetchFrom(withBody(attached, form))).toBe(form);
    const robots = "<pre>Disallow: /*login_form$</pre>";
    expect(await fetchFrom(withBody({ "content-type": "text/html" }, robots))).toBe(robots);
  });

  it("that is empty is empty", async () => {
    expect(await fetchFrom(withBody({}, ""))).toBe("");
    expect(await fetchFrom((_, response) => response.writeHead(204).end())).toBe("");
  });
});

describe("redirects", () => {
  it("are followed within the bases, with the cookie", async () => {
    const { server, cms } = await serving((request, response) => {
      if (request.url === "/resolveuid/1/@@download") return redirect(response, "/a/b/@@download");
      if (request.url === "/a/b/@@download") return redirect(response, "file.pdf");
      return send(response, 200, "application/pdf", "a document");
    });
    const document = await cms.fetchDocument(JANE, "/resolveuid/1/@@download", OPTIONS);
    expect(document.name).toBe("file.pdf");
    expect(await text(document)).toBe("a document");
    expect(server.seen.map(({ headers }) => headers.cookie)).toEqual(["__ac=jane", "__ac=jane", "__ac=jane"]);
  });

  it("out of the bases are not followed: the cookie never gets there", async () => {
    const elsewhere = await startServer(withBody({}));
    const { cms } = await serving((_, response) => redirect(response, `${elsewhere.url}/doc?__ac=x`));
    const error: unknown = await cms.fetchDocument(JANE, "/doc", OPTIONS).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "url-not-allowed", retryable: false });
    expect(String(error)).not.toContain("__ac");
    expect(elsewhere.seen).toHaveLength(0);
  });

  it("that go round are not followed for ever", async () => {
    await expect(fetchFrom((_, response) => redirect(response, "/doc"))).rejects.toMatchObject({
      code: "unexpected-answer",
    });
    await expect(fetchFrom((_, response) => response.writeHead(302).end())).rejects.toMatchObject({
      code: "unexpected-answer",
    });
  });
});

describe("a refusal", () => {
  const loginForm = '<html><div id="login-form"><input name="__ac_name"></div></html>';
  const masked = withBody({ "content-type": "text/html" }, loginForm);

  it.each([
    ["401", (_, response) => sendJson(response, 401, {})],
    ["a redirect to the login", (_, response) => redirect(response, LOGIN)],
    ["a login form that answers 200", masked],
  ] satisfies [string, Answer][])(
    "by %s means an expired session for nobody, and not visible for a user",
    async (_, answer) => {
      const nobody = credentials("__ac=expired");
      await expect(fetchFrom(answer, OPTIONS, nobody)).rejects.toMatchObject({
        code: "session-expired",
        retryable: false,
      });
      await expect(fetchFrom(answer)).rejects.toMatchObject({ code: "not-visible", retryable: false });
    },
  );

  it("is told apart only by a CMS that answers: otherwise it is unknown", async () => {
    const server = await startServer((request, response) =>
      sendJson(response, request.url === "/doc" ? 401 : 503, {}),
    );
    const cms = connect({ baseUrl: server.url });
    await expect(cms.fetchDocument(JANE, "/doc", OPTIONS)).rejects.toMatchObject({ code: "cms-unknown" });
  });

  it.each([
    [403, "not-visible", false],
    [404, "document-not-found", true],
    [500, "cms-unknown", true],
    [503, "cms-unknown", true],
    [429, "cms-unknown", true],
    [400, "unexpected-answer", false],
    [410, "unexpected-answer", false],
  ])("by status %i is %s, retryable: %s", async (status, code, retryable) => {
    const answer: Answer = (_, response) => send(response, status, "text/html", "x".repeat(200_000));
    await expect(fetchFrom(answer)).rejects.toMatchObject({ code, retryable });
  });

  it("that Plone says in words is not visible", async () => {
    const words = withBody({ "content-type": "text/html" }, "<h1>Insufficient Privileges</h1>");
    await expect(fetchFrom(words)).rejects.toMatchObject({ code: "not-visible" });
  });
});

describe("limits", () => {
  const options = { maxBytes: 1000 };

  it("refuse at once what says that it is too large", async () => {
    const { cms } = await serving(withBody({ "content-length": "1001" }, "x".repeat(1001)));
    await expect(cms.fetchDocument(JANE, "/doc", options)).rejects.toMatchObject({
      code: "document-too-large",
      maxBytes: 1000,
    });
  });

  it("stop what does not say so, and close its connection", async () => {
    let closed = false;
    const endless: Answer = (_, response) => {
      response.writeHead(200, { "content-type": "application/pdf" });
      const timer = setInterval(() => response.write("x".repeat(400)), 1);
      response.on("close", () => {
        clearInterval(timer);
        closed = true;
      });
    };
    await expect(fetchFrom(endless, options)).rejects.toMatchObject({ code: "document-too-large" });
    await expect.poll(() => closed).toBe(true);
  });

  it("let exactly the most bytes pass", async () => {
    expect(await fetchFrom(withBody({}, "x".repeat(1000)), options)).toHaveLength(1000);
  });

  it("hold for pages that are searched for a login form, too", async () => {
    const page = withBody({ "content-type": "text/html", "transfer-encoding": "chunked" }, "x".repeat(5000));
    await expect(fetchFrom(page, options)).rejects.toMatchObject({ code: "document-too-large" });
  });

  it("do not accept what comes compressed: its size would say nothing", async () => {
    const compressed = withBody({ "content-encoding": "gzip" });
    await expect(fetchFrom(compressed)).rejects.toMatchObject({ code: "unexpected-answer" });
  });
});

describe("a connection", () => {
  it("that breaks in the middle of the body makes the document unknown, not short", async () => {
    const fetched = fetchFrom((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("a part", () => response.destroy());
    });
    await expect(fetched).rejects.toMatchObject({ code: "cms-unknown", retryable: true });
  });

  it("on which nothing comes is given up", async () => {
    const { cms } = await serving(() => {}, 50);
    await expect(cms.fetchDocument(JANE, "/doc", OPTIONS)).rejects.toMatchObject({ code: "cms-unknown" });
  });

  it("ends when the caller aborts, before the headers and within the body", async () => {
    const { cms } = await serving((request, response) => {
      if (request.url === "/doc") response.writeHead(200).write("a part");
    });
    for (const path of ["/doc", "/silent"]) {
      const leaving = new AbortController();
      const options = { ...OPTIONS, signal: leaving.signal };
      const fetched = (async () => text(await cms.fetchDocument(JANE, path, options)))();
      const ended = expect(fetched).rejects.toThrow("left");
      await sleep(30);
      leaving.abort(new Error("left"));
      await ended;
    }
  });

  it("ends when the caller stops reading", async () => {
    let closed = false;
    const { cms } = await serving((_, response) => {
      response.on("close", () => (closed = true));
      response.writeHead(200).write("a part");
    });
    const document = await cms.fetchDocument(JANE, "/doc", OPTIONS);
    for await (const part of document.body) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => closed).toBe(true);
  });

  it("is kept alive from one document to the next, refusals included", async () => {
    const ports = new Set<number | undefined>();
    const { cms } = await serving((request, response) => {
      ports.add(request.socket.remotePort);
      if (request.url === "/gone") sendJson(response, 404, {});
      else send(response, 200, "text/plain", "a document");
    });
    for (let round = 0; round < 3; round += 1) {
      await text(await cms.fetchDocument(JANE, "/doc", OPTIONS));
      await expect(cms.fetchDocument(JANE, "/gone", OPTIONS)).rejects.toThrow();
    }
    expect(ports.size).toBeLessThanOrEqual(2); // a refusal's body may still be on its way
  });
});

it.each([["https://evil.example/doc"], ["file:///etc/passwd"], ["//evil.example/doc"], ["doc"], [""]])(
  "no cookie goes to %j",
  async (url) => {
    const { server, cms } = await serving(withBody({}));
    await expect(cms.fetchDocument(JANE, url, OPTIONS)).rejects.toMatchObject({ code: "url-not-allowed" });
    expect(server.seen).toHaveLength(0);
  },
);

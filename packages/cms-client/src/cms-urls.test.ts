import { describe, expect, it } from "vitest";
import { CmsUrls } from "./cms-urls.ts";

const urls = new CmsUrls({
  baseUrl: "http://127.0.0.1:8080/Plone",
  publicUrl: "https://intranet.example.com/",
  documentBases: ["https://files.example.com/shared"],
});

function document(url: string): string | undefined {
  return urls.toDocument(url)?.href;
}

function object(value: string): string | undefined {
  return urls.toObject(value, "{site}/resolveuid/{uid}");
}

describe("the CMS's URLs", () => {
  it("are reached where we reach the site, however they were written", () => {
    expect(document("https://intranet.example.com/a/b?c=d#e")).toBe("http://127.0.0.1:8080/Plone/a/b?c=d");
    expect(document("https://INTRANET.example.com:443/a")).toBe("http://127.0.0.1:8080/Plone/a");
    expect(document("http://127.0.0.1:8080/Plone/a%20b")).toBe("http://127.0.0.1:8080/Plone/a%20b");
    expect(document("/a%20b/@@download/file")).toBe("http://127.0.0.1:8080/Plone/a%20b/@@download/file");
    expect(document("http://127.0.0.1:8080/Plone")).toBe("http://127.0.0.1:8080/Plone");
    expect(document("https://files.example.com/shared/x")).toBe("https://files.example.com/shared/x");
  });

  it.each([
    ["another host", "https://evil.example/a"],
    ["another port", "http://127.0.0.1:8081/Plone/a"],
    ["another scheme of the same host", "http://intranet.example.com/a"],
    ["a name that begins like ours", "https://intranet.example.com.evil.example/a"],
    ["our name as the user of another host", "https://intranet.example.com@evil.example/a"],
    ["a user and password", "https://jane:pw@intranet.example.com/a"],
    ["a sibling of the site", "http://127.0.0.1:8080/Plone2/a"],
    ["above the site", "http://127.0.0.1:8080/Plone/../a"],
    ["above the site, encoded", "http://127.0.0.1:8080/Plone/..%2fa"],
    ["above the site, by backslash", "http://127.0.0.1:8080/Plone/x%5c..%5ca"],
    ["an escape that is none", "http://127.0.0.1:8080/Plone/%ff"],
    ["no scheme", "//evil.example/a"],
    ["another kind of scheme", "file:///etc/passwd"],
    ["a relative path", "a/b"],
    ["nothing", ""],
  ])("are not those of %s", (_, url) => {
    expect(document(url)).toBeUndefined();
  });

  it("are found from redirects, relative ones too", () => {
    const from = new URL("http://127.0.0.1:8080/Plone/a/b");
    expect(urls.toInternal("c", from)?.href).toBe("http://127.0.0.1:8080/Plone/a/c");
    expect(urls.toInternal("/Plone/c", from)?.href).toBe("http://127.0.0.1:8080/Plone/c");
    expect(urls.toInternal("/c", from)).toBeUndefined();
    expect(urls.toInternal("//evil.example/c", from)).toBeUndefined();
  });

  it("know a login page by its last segment", () => {
    const from = new URL("http://127.0.0.1:8080/Plone/a");
    expect(urls.isLogin("acl_users/credentials_cookie_auth/require_login?came_from=x", from)).toBe(true);
    expect(urls.isLogin("https://sso.example/login/", from)).toBe(true);
    expect(urls.isLogin("/Plone/blogin", from)).toBe(false);
    expect(urls.isLogin("", from)).toBe(false);
  });

  it("name objects by decoded path, UID and URL", () => {
    const site = "http://127.0.0.1:8080/Plone";
    expect(object("/a folder/100%?#é.pdf")).toBe(`${site}/a%20folder/100%25%3F%23%C3%A9.pdf`);
    expect(object("/")).toBe(site);
    expect(object("0123456789abcdef")).toBe(`${site}/resolveuid/0123456789abcdef`);
    expect(object("https://intranet.example.com/a/?x=1")).toBe(`${site}/a`);
    for (const wrong of ["", "..", "a/b", "/a/../b", "https://evil.example/a", "/\ud800"]) {
      expect(object(wrong), wrong).toBeUndefined();
    }
  });

  it("take the longer base where both are on one origin", () => {
    const nested = new CmsUrls({ baseUrl: "http://cms.local/Plone", publicUrl: "http://cms.local" });
    expect(nested.toInternal("http://cms.local/a")?.href).toBe("http://cms.local/Plone/a");
    expect(nested.toInternal("http://cms.local/Plone/a")?.href).toBe("http://cms.local/Plone/a");
  });

  it.each([["ftp://x"], ["x"], ["http://x/?a=b"], ["http://u:p@x/"]])("have no base %s", (baseUrl) => {
    expect(() => new CmsUrls({ baseUrl })).toThrow(/baseUrl must be an http\(s\) URL/);
  });
});

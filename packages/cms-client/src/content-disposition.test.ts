import { describe, expect, it } from "vitest";
import { dispositionFileName } from "./content-disposition.ts";

/** As Node hands a header over whose bytes are UTF-8. */
function asHeader(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("the file name in a Content-Disposition", () => {
  it.each([
    ['attachment; filename="plan.pdf"', "plan.pdf"],
    ["attachment; filename=plan.pdf", "plan.pdf"],
    ["inline;FileName = plan.pdf ; x=y", "plan.pdf"],
    [String.raw`attachment; filename="a \"b\"; c.pdf"`, 'a "b"; c.pdf'],
    ["attachment; filename*=UTF-8''pl%C3%A4n%20for%20100%25.txt", "plän for 100%.txt"],
    ["attachment; filename*=utf-8'de'%e2%82%ac.pdf; filename=\"EUR.pdf\"", "€.pdf"],
    ["attachment; filename=\"EUR.pdf\"; filename*=utf-8''%e2%82%ac.pdf", "€.pdf"],
    ["attachment; filename*=iso-8859-1'en'%A3.pdf", "£.pdf"],
    ["attachment; filename*=UTF-8''%E2%82; filename=\"EUR.pdf\"", "EUR.pdf"],
    ["attachment; filename*=koi8-r''%C1.pdf; filename=a.pdf", "a.pdf"],
    [asHeader('attachment; filename="plän.pdf"'), "plän.pdf"],
    ['attachment; filename="pl\u00e4n.pdf"', "plän.pdf"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    [String.raw`attachment; filename="C:\\temp\\plan.pdf"`, "plan.pdf"],
    ['attachment; filename="a\u0000b.pdf"', "ab.pdf"],
    ["attachment; filename*=UTF-8''..%2Fa.pdf", "a.pdf"],
  ])("of %j is %j", (header, name) => {
    expect(dispositionFileName(header)).toBe(name);
  });

  it.each([
    [undefined],
    ["attachment"],
    ['attachment; filename=""'],
    ['attachment; filename=".."'],
    ["attachment; filename=/"],
  ])("is absent in %j", (header) => {
    expect(dispositionFileName(header)).toBeUndefined();
  });
});

import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { markupToHtml } from "./markup.ts";

function bodyOf(page: string): string {
  return /<body>(.*)<\/body>/s.exec(page)?.[1] ?? "";
}

async function html(text: string, encoding: BufferEncoding = "utf8"): Promise<string> {
  return markupToHtml("html", Buffer.from(text, encoding));
}

async function mail(...lines: string[]): Promise<string> {
  return markupToHtml("mail", Buffer.from(lines.join("\r\n")));
}

async function picture(width: number, height: number): Promise<string> {
  const image = sharp({ create: { width, height, channels: 3, background: "#2980b9" } });
  return (await image.png().toBuffer()).toString("base64");
}

describe("Markdown", () => {
  it("becomes headings, lists and tables", async () => {
    const text = "# Plan\n\n- *one*\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n";
    const body = bodyOf(await markupToHtml("markdown", Buffer.from(text)));
    expect(body).toContain("<h1>Plan</h1>");
    expect(body).toContain("<li><em>one</em></li>");
    expect(body).toMatch(/<table border="1".*<td align="right">2<\/td>/s);
  });

  it("may hold HTML, but no other than clean HTML", async () => {
    const text =
      'A <b>bold</b> word<script>alert(1)</script> <img src="http://a.example/x.png" alt="A chart">';
    const body = bodyOf(await markupToHtml("markdown", Buffer.from(text)));
    expect(body).toBe("<p>A <b>bold</b> word <span>[A chart]</span></p>\n");
  });
});

describe("HTML", () => {
  it.each([
    ["a script", "<script>x()</script>", "x()"],
    ["what runs when something happens", '<p onclick="x()">p</p>', "x()"],
    ["a frame", '<iframe src="http://a.example/"></iframe>', "a.example"],
    ["an image from elsewhere", '<img src="http://a.example/i.png">', "a.example"],
    ["an image on this disk", '<img src="file:///etc/passwd">', "passwd"],
    ["a background", '<td background="http://a.example/i.png">x', "a.example"],
    ["a background by a style", '<p style="background: url(http://a.example/i.png)">p</p>', "a.example"],
    ["a style sheet", '<link rel="stylesheet" href="http://a.example/s.css">', "a.example"],
    ["an imported style sheet", '<style>@import "http://a.example/s.css";</style>', "a.example"],
    ["a picture in a style sheet", "<style>p { background: url('http://a.example/') }</style>", "a.example"],
    ["an escaped url", "<style>p { background: \\75rl(http://a.example/) }</style>", "\\"],
    ["an end of the style sheet within it", "<style><!--</styl</style ></style><b>@ev</style>", "</styl<"],
    ["an object", '<object data="http://a.example/o.swf"></object>', "a.example"],
    ["SVG, which can name more", '<svg><image href="http://a.example/i.png"/></svg>', "a.example"],
    ["SVG in a data: URL", `<img src="data:image/svg+xml;base64,${btoa("<svg/>")}">`, "data:"],
    ["a base", '<base href="http://a.example/"><p>p', "a.example"],
    ["a jump", '<meta http-equiv="refresh" content="0; url=http://a.example/">', "a.example"],
  ])("keeps nothing of %s", async (_what, text, gone) => {
    expect(await html(text)).not.toContain(gone);
  });

  it("keeps its looks, its links and its own images, as wide as a page at most", async () => {
    const large = await picture(3000, 1500);
    const page = await html(
      `<title>A &amp; B</title><style>h1 { color: #0a6 }</style><h1 class="x">A</h1>` +
        `<p style="color: red">b <a href="https://a.example/">c</a></p>` +
        `<img src="data:image/png;base64,${large}" width="50%"><img src="data:image/png;base64,${btoa("no")}">`,
    );
    expect(page).toContain("h1 { color: #0a6 }");
    expect(page).toContain('<p style="color:red">b <a href="https://a.example/">c</a></p>');
    const [, type, data, width, height] =
      /<img src="data:image\/(\w+);base64,([^"]+)" alt="" width="(\d+)" height="(\d+)"/.exec(page) ?? [];
    expect([type, width, height]).toEqual(["png", "50", "25"]);
    expect(await sharp(Buffer.from(data ?? "", "base64")).metadata()).toMatchObject({ width: 1280 });
    expect(page.match(/<img/g)).toHaveLength(1);
  });

  it("is read in the encoding that it names, or looks like", async () => {
    expect(await html('<meta charset="iso-8859-1"><p>Gr\u00fc\u00dfe', "latin1")).toContain("Grüße");
    expect(await html("<p>Grüße")).toContain("Grüße");
    expect(await html("\ufeff<p>Grüße", "utf16le")).toContain("Grüße");
    expect(await html('<meta charset="no-such-thing"><p>\u0093Gr\u00fc\u00dfe', "latin1")).toContain(
      "“Grüße",
    );
  });

  it("nested deeper than anybody can read comes to an end", async () => {
    const page = await html(`${"<div>".repeat(10_000)}deep`);
    expect(page.length).toBeLessThan(10_000);
  });
});

describe("an e-mail", () => {
  const HEAD = [
    "From: =?utf-8?q?J=C3=B6rg_M?= <joerg@example.com>",
    "To: Jane <jane@example.com>, staff@example.com",
    "Subject: =?utf-8?b?UGzDpG5l?= <b>&",
    "Date: Tue, 24 Nov 2026 10:15:00 +0100",
    "MIME-Version: 1.0",
  ];

  it("says who wrote what to whom and when", async () => {
    const page = await mail(
      ...HEAD,
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Hello <Jane>,",
      "",
      "> quoted",
      "> more",
    );
    expect(page).toContain("<title>Pläne &lt;b&gt;&amp;</title>");
    for (const text of [
      "<h2>Pläne &lt;b&gt;&amp;</h2>",
      "Jörg M &lt;joerg@example.com&gt;",
      "Jane &lt;jane@example.com&gt;, staff@example.com",
      "Tue, 24 Nov 2026 10:15:00 +0100",
      "<p>Hello &lt;Jane&gt;,</p>\n<p>&gt; quoted<br />&gt; more</p>",
    ]) {
      expect(page).toContain(text);
    }
  });

  it("shows its own pictures, fetches none, and lists what is attached", async () => {
    const page = await mail(
      ...HEAD,
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: text/html; charset=utf-8",
      "",
      '<p>See</p><img src="cid:logo@x"><img src="http://tracker.example/pixel.gif"><script>x()</script>',
      "--b",
      "Content-Type: image/png",
      "Content-ID: <logo@x>",
      "Content-Transfer-Encoding: base64",
      "",
      await picture(200, 100),
      "--b",
      'Content-Type: application/pdf; name="../../etc/<plan>.pdf"',
      "Content-Disposition: attachment",
      "Content-Transfer-Encoding: base64",
      "",
      btoa("x".repeat(2345)),
      "--b--",
    );
    expect(page).toMatch(
      /<p>See<\/p><img src="data:image\/png;base64,[^"]+" alt="" width="200" height="100" \/>/,
    );
    expect(page).not.toMatch(/tracker|script/);
    expect(page).toMatch(/<b>Attachments<\/b>.*&lt;plan&gt;\.pdf <font[^>]*>\(2 kB\)/);
    expect(page.match(/<li>/g)).toHaveLength(1);
  });

  it("that is none is damaged", async () => {
    await expect(mail("")).rejects.toMatchObject({ code: "damaged-file" });
  });
});

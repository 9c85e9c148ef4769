/** For tests: documents that mean harm, each of which names another place, hides a bomb, or wants to run. */
import { crc32, deflateSync } from "node:zlib";
import { flatTextWith } from "./office-samples.ts";
import { zipOf, type ZipEntry } from "./zip-file.ts";

/** What a document that reaches out wants: an address on the network, and an image on the disk. */
export interface Bait {
  /** Without a slash at its end. */
  readonly server: string;
  /** An absolute path. */
  readonly file: string;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const DRAWING = "http://schemas.openxmlformats.org/drawingml/2006";
const TYPE = "application/vnd.openxmlformats-officedocument";

function types(...parts: readonly (readonly [part: string, type: string])[]): ZipEntry {
  const overrides = parts.map(
    ([part, type]) => `<Override PartName="${part}" ContentType="${TYPE}.${type}+xml"/>`,
  );
  const rels =
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>';
  const xml = '<Default Extension="xml" ContentType="application/xml"/>';
  return {
    name: "[Content_Types].xml",
    content: `${XML}<Types xmlns="${PACKAGE}/content-types">${rels}${xml}${overrides.join("")}</Types>`,
  };
}

type Relation = readonly [id: string, kind: string, target: string, external?: boolean];

function relations(name: string, ...list: readonly Relation[]): ZipEntry {
  const items = list.map(([id, kind, target, external]) => {
    const mode = external ? ' TargetMode="External"' : "";
    return `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"${mode}/>`;
  });
  return {
    name,
    content: `${XML}<Relationships xmlns="${PACKAGE}/relationships">${items.join("")}</Relationships>`,
  };
}

function linked({ server, file }: Bait, kind: string): readonly Relation[] {
  return [
    ["rIdWeb", "image", `${server}/${kind}.png`, true],
    ["rIdDisk", "image", `file://${file}`, true],
  ];
}

/** A picture of three centimetres. */
function picture(id: string, prefix: string): string {
  const size = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="1080000" cy="1080000"/></a:xfrm>';
  return (
    `<${prefix}:nvPicPr><${prefix}:cNvPr id="7" name="${id}"/><${prefix}:cNvPicPr/>${prefix === "p" ? "<p:nvPr/>" : ""}` +
    `</${prefix}:nvPicPr><${prefix}:blipFill><a:blip r:link="${id}"/><a:stretch><a:fillRect/></a:stretch></${prefix}:blipFill>` +
    `<${prefix}:spPr>${size}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></${prefix}:spPr>`
  );
}

/** A Word document with this body. */
export function docxWith(body: string, more: readonly ZipEntry[] = []): Buffer {
  const names =
    `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="${OFFICE}" ` +
    `xmlns:a="${DRAWING}/main" xmlns:pic="${DRAWING}/picture" xmlns:wp="${DRAWING}/wordprocessingDrawing"`;
  const document: ZipEntry = {
    name: "word/document.xml",
    content: `${XML}<w:document ${names}><w:body>${body}</w:body></w:document>`,
  };
  return zipOf([
    types(["/word/document.xml", "wordprocessingml.document.main"]),
    relations("_rels/.rels", ["rId1", "officeDocument", "word/document.xml"]),
    document,
    ...more,
  ]);
}

const docxFrame = (id: string): string =>
  '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1080000" cy="1080000"/><wp:docPr id="1" name="p"/><a:graphic>' +
  `<a:graphicData uri="${DRAWING}/picture"><pic:pic>${picture(id, "pic")}</pic:pic></a:graphicData></a:graphic>` +
  "</wp:inline></w:drawing></w:r></w:p>";

function reachingDocx(bait: Bait): Buffer {
  const body = `<w:p><w:r><w:t>Words.</w:t></w:r></w:p>${docxFrame("rIdWeb")}${docxFrame("rIdDisk")}`;
  return docxWith(body, [relations("word/_rels/document.xml.rels", ...linked(bait, "docx"))]);
}

const xlsxPlace = (column: number): string =>
  `<xdr:from><xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>2</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>` +
  '<xdr:ext cx="1080000" cy="1080000"/>';

const anchoredPicture = (id: string, column: number): string =>
  `<xdr:oneCellAnchor>${xlsxPlace(column)}<xdr:pic>${picture(id, "xdr")}</xdr:pic><xdr:clientData/></xdr:oneCellAnchor>`;

function reachingXlsx(bait: Bait): Buffer {
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const names = `xmlns:xdr="${DRAWING}/spreadsheetDrawing" xmlns:a="${DRAWING}/main" xmlns:r="${OFFICE}"`;
  return zipOf([
    types(
      ["/xl/workbook.xml", "spreadsheetml.sheet.main"],
      ["/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"],
      ["/xl/drawings/drawing1.xml", "drawing"],
    ),
    relations("_rels/.rels", ["rId1", "officeDocument", "xl/workbook.xml"]),
    relations("xl/_rels/workbook.xml.rels", ["rId1", "worksheet", "worksheets/sheet1.xml"]),
    relations("xl/worksheets/_rels/sheet1.xml.rels", ["rId1", "drawing", "../drawings/drawing1.xml"]),
    relations("xl/drawings/_rels/drawing1.xml.rels", ...linked(bait, "xlsx")),
    {
      name: "xl/workbook.xml",
      content: `${XML}<workbook xmlns="${main}" xmlns:r="${OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: "xl/worksheets/sheet1.xml",
      content:
        `${XML}<worksheet xmlns="${main}" xmlns:r="${OFFICE}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Words.</t></is></c>` +
        `<c r="B1" t="str"><f>_xlfn.WEBSERVICE("${bait.server}/webservice")</f><v>old</v></c></row></sheetData><drawing r:id="rId1"/></worksheet>`,
    },
    {
      name: "xl/drawings/drawing1.xml",
      content: `${XML}<xdr:wsDr ${names}>${anchoredPicture("rIdWeb", 1)}${anchoredPicture("rIdDisk", 4)}</xdr:wsDr>`,
    },
  ]);
}

function reachingPptx(bait: Bait): Buffer {
  const names = `xmlns:a="${DRAWING}/main" xmlns:r="${OFFICE}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`;
  const group = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>';
  const words =
    '<p:sp><p:nvSpPr><p:cNvPr id="2" name="t"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="3000000" y="3000000"/>' +
    '<a:ext cx="3000000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:t>Words.</a:t></a:r></a:p></p:txBody></p:sp>';
  const pictures = ["rIdWeb", "rIdDisk"].map((id) => `<p:pic>${picture(id, "p")}</p:pic>`).join("");
  return zipOf([
    types(
      ["/ppt/presentation.xml", "presentationml.presentation.main"],
      ["/ppt/slides/slide1.xml", "presentationml.slide"],
    ),
    relations("_rels/.rels", ["rId1", "officeDocument", "ppt/presentation.xml"]),
    relations("ppt/_rels/presentation.xml.rels", ["rId1", "slide", "slides/slide1.xml"]),
    relations("ppt/slides/_rels/slide1.xml.rels", ...linked(bait, "pptx")),
    {
      name: "ppt/presentation.xml",
      content: `${XML}<p:presentation ${names}><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst><p:sldSz cx="9144000" cy="5143500"/></p:presentation>`,
    },
    {
      name: "ppt/slides/slide1.xml",
      content: `${XML}<p:sld ${names}><p:cSld><p:spTree>${group}${words}${pictures}</p:spTree></p:cSld></p:sld>`,
    },
  ]);
}

const flatImage = (href: string): string =>
  `<text:p><draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="${href}" xlink:type="simple" ` +
  'xlink:actuate="onLoad"/></draw:frame></text:p>';

function reachingFlatText({ server, file }: Bait): string {
  return flatTextWith(
    `<text:p>Words.</text:p>${flatImage(`${server}/odt.png`)}${flatImage(`file://${file}`)}`,
  );
}

const manifestEntry = (path: string, type: string): string =>
  `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="${type}"/>`;

function reachingOdt(bait: Bait): Buffer {
  const content = reachingFlatText(bait)
    .replace("<office:document ", "<office:document-content ")
    .replace("</office:document>", "</office:document-content>")
    .replace(/ office:mimetype="[^"]*"/, "");
  const mimetype = "application/vnd.oasis.opendocument.text";
  const manifest =
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">' +
    `${manifestEntry("/", mimetype)}${manifestEntry("content.xml", "text/xml")}</manifest:manifest>`;
  return zipOf([
    { name: "mimetype", content: mimetype },
    { name: "content.xml", content },
    { name: "META-INF/manifest.xml", content: manifest },
  ]);
}

function reachingHtml({ server, file }: Bait): string {
  return (
    `<html><head><link rel="stylesheet" href="${server}/html.css"><style>@import "${server}/import.css";</style></head>` +
    `<body background="${server}/html-background.png"><p>Words.</p><img src="${server}/html.png"><img src="file://${file}">` +
    `<iframe src="${server}/frame.html"></iframe><object data="${server}/object.png"></object></body></html>`
  );
}

function reachingMail(bait: Bait): string {
  const head = ["From: a@example.com", "Subject: Words.", "MIME-Version: 1.0", "Content-Type: text/html", ""];
  return [...head, reachingHtml(bait)].join("\r\n");
}

const svgImage = (href: string, x: number): string =>
  `<image href="${href}" x="${x}" y="0" width="90" height="90"/>`;

function reachingSvg({ server, file }: Bait): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><text x="200" y="50">Words.</text>' +
    `${svgImage(`${server}/svg.png`, 0)}${svgImage(`file://${file}`, 100)}${svgImage(file.split("/").at(-1) ?? "", 200)}</svg>`
  );
}

/** Each fetches an image and more from the network, and shows one that is on the disk, where it is let. */
export const REACHING: Readonly<Record<string, (bait: Bait) => Buffer>> = {
  docx: reachingDocx,
  xlsx: reachingXlsx,
  pptx: reachingPptx,
  odt: reachingOdt,
  fodt: (bait) => Buffer.from(reachingFlatText(bait)),
  html: (bait) => Buffer.from(reachingHtml(bait)),
  eml: (bait) => Buffer.from(reachingMail(bait)),
  svg: (bait) => Buffer.from(reachingSvg(bait)),
};

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of a gigapixel, in a hundred kilobytes. */
export function pixelBomb(): Buffer {
  const side = 32_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // one bit a pixel
  const pixels = deflateSync(Buffer.alloc(side * (side / 8 + 1)));
  const magic = Buffer.from("\u0089PNG\r\n\u001a\n", "latin1");
  const end = pngChunk("IEND", Buffer.alloc(0));
  return Buffer.concat([magic, pngChunk("IHDR", header), pngChunk("IDAT", pixels), end]);
}

/** A DOCX that unpacks to a megabyte, many times. @param statedBytes what it says it unpacks to, if that is a lie */
export function deflateBomb(megabytes: number, statedBytes?: number): Buffer {
  const content = "<w:p><w:r><w:t>".padEnd(1_000_000, "A").concat("</w:t></w:r></w:p>");
  const lie = statedBytes === undefined ? {} : { statedBytes };
  return zipOf([
    types(["/word/document.xml", "wordprocessingml.document.main"]),
    relations("_rels/.rels", ["rId1", "officeDocument", "word/document.xml"]),
    { name: "word/document.xml", content, times: megabytes, ...lie },
  ]);
}

/** What the macro of {@link macroDocument} writes over the text. */
export const MACRO_MARK = "A MACRO HAS RUN";

/** A text whose macro runs when it is loaded, where macros may run. */
export function macroDocument(): string {
  const basic = `Sub Main\nThisComponent.Text.String = &quot;${MACRO_MARK}&quot;\nEnd Sub`;
  const script =
    '<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries>' +
    '<ooo:library-embedded ooo:name="Standard"><ooo:module ooo:name="M"><ooo:source-code>' +
    `${basic}</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script>` +
    '<office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load" ' +
    'xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document" xlink:type="simple"/>' +
    "</office:event-listeners></office:scripts>";
  return flatTextWith("<text:p>Words.</text:p>", script);
}

const sheetRow = (row: number, at: string): string =>
  `<row r="${row}"><c r="${at}" t="inlineStr"><is><t>Words.</t></is></c></row>`;

/** A spreadsheet with a word in its first cell and one in the last that there can be. */
export function farCellSheet(): Buffer {
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  return zipOf([
    types(
      ["/xl/workbook.xml", "spreadsheetml.sheet.main"],
      ["/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"],
    ),
    relations("_rels/.rels", ["rId1", "officeDocument", "xl/workbook.xml"]),
    relations("xl/_rels/workbook.xml.rels", ["rId1", "worksheet", "worksheets/sheet1.xml"]),
    {
      name: "xl/workbook.xml",
      content: `${XML}<workbook xmlns="${main}" xmlns:r="${OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: "xl/worksheets/sheet1.xml",
      content: `${XML}<worksheet xmlns="${main}"><sheetData>${sheetRow(1, "A1")}${sheetRow(1_048_576, "XFD1048576")}</sheetData></worksheet>`,
    },
  ]);
}

/** Ten entities, each ten times the one before it: a gigabyte of text in a kilobyte. */
export function entityBomb(root: string): string {
  const levels = Array.from({ length: 10 }, (_, level) => {
    const value = level === 0 ? "lollollol" : `&l${level - 1};`.repeat(10);
    return `<!ENTITY l${level} "${value}">`;
  });
  const start = root.indexOf("<", root.startsWith("<?xml") ? 5 : 0);
  const name = /<([\w:]+)/.exec(root.slice(start))?.[1] ?? "x";
  return `${root.slice(0, start)}<!DOCTYPE ${name} [${levels.join("")}]>${root.slice(start)}`.replace(
    "Words.",
    "&l9;",
  );
}

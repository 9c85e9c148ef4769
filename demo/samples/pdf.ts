/** The PDF sample: a report of twenty pages with a cover, contents, two-column text, charts and tables. */
import { buffer } from "node:stream/consumers";
import PdfKit from "pdfkit";
import { REPORT_SUBTITLE, REPORT_TITLE, reportChapters, type Chapter } from "./report.ts";

const INK = "#14212b";
const MUTED = "#5a6b78";
const LINE = "#c9d2d9";
const SEA = "#0b6b74";
const BUOY = "#e4572e";

const MARGIN = 64;
const WIDTH = 595.28 - 2 * MARGIN; // A4, in points
// No margin below: the footer stands there, and text past a margin would begin a new page.
const PAGE = { size: "A4", margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: 0 } };
const BOTTOM = 841.89 - MARGIN;

const MONTHS = ["J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"];

/** @param password the PDF cannot be opened without it */
export async function reportPdf(password?: string): Promise<Buffer> {
  const pdf = new PdfKit({
    size: "A4",
    margin: MARGIN,
    autoFirstPage: false,
    info: { Title: `${REPORT_TITLE}: ${REPORT_SUBTITLE}`, CreationDate: new Date(Date.UTC(2026, 0, 5)) },
    ...(password === undefined ? {} : { userPassword: password, ownerPassword: `${password} of the owner` }),
  });
  const bytes = buffer(pdf);
  const chapters = reportChapters();
  cover(pdf);
  contents(pdf, chapters);
  for (const [index, chapter] of chapters.entries()) {
    firstPage(pdf, chapter, index);
    secondPage(pdf, chapter, index);
  }
  pdf.end();
  return await bytes;
}

function cover(pdf: PDFKit.PDFDocument): void {
  pdf.addPage({ margin: 0, size: "A4" });
  pdf.rect(0, 0, 596, 842).fill("#0d2f3a");
  pdf.circle(430, 300, 190).fill(BUOY);
  for (let wave = 0; wave < 9; wave += 1) {
    const y = 420 + wave * 48;
    pdf.moveTo(-20, y);
    for (let x = -20; x < 640; x += 80)
      pdf
        .quadraticCurveTo(x + 20, y - 26 + wave * 2, x + 40, y)
        .quadraticCurveTo(x + 60, y + 26 - wave * 2, x + 80, y);
    pdf
      .lineTo(640, 860)
      .lineTo(-20, 860)
      .fill(wave % 2 === 0 ? "#0b6b74" : "#0d4f5b");
  }
  pdf.font("Helvetica-Bold").fontSize(64).fillColor("white").text(REPORT_TITLE, MARGIN, 96);
  pdf.font("Helvetica").fontSize(22).text(REPORT_SUBTITLE, MARGIN, 176);
  pdf.fontSize(11).text("Harbour of Northquay  ·  January 2026", MARGIN, 770);
}

function contents(pdf: PDFKit.PDFDocument, chapters: readonly Chapter[]): void {
  pdf.addPage(PAGE);
  pdf.font("Helvetica-Bold").fontSize(30).fillColor(INK).text("Contents", MARGIN, MARGIN);
  for (const [index, chapter] of chapters.entries()) {
    const y = 140 + index * 58;
    pdf
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + WIDTH, y)
      .lineWidth(0.7)
      .stroke(LINE);
    pdf
      .font("Helvetica-Bold")
      .fontSize(22)
      .fillColor(SEA)
      .text(String(index + 1), MARGIN, y + 18);
    pdf
      .font("Helvetica")
      .fontSize(15)
      .fillColor(INK)
      .text(chapter.title, MARGIN + 44, y + 22);
    pdf.fillColor(MUTED).text(String(3 + index * 2), MARGIN, y + 22, { width: WIDTH, align: "right" });
  }
  footer(pdf, 2);
}

function firstPage(pdf: PDFKit.PDFDocument, chapter: Chapter, index: number): void {
  pdf.addPage(PAGE);
  pdf
    .font("Helvetica-Bold")
    .fontSize(84)
    .fillColor("#dfe7ea")
    .text(String(index + 1), MARGIN, 40);
  pdf.fontSize(30).fillColor(INK).text(chapter.title, MARGIN, 128);
  pdf.rect(MARGIN, 172, 56, 4).fill(BUOY);
  pdf
    .font("Times-Italic")
    .fontSize(14)
    .fillColor(MUTED)
    .text(firstSentence(chapter), MARGIN, 194, { width: WIDTH, lineGap: 3 });
  columns(pdf, chapter.paragraphs.slice(0, 2), pdf.y + 18, 470);
  chart(pdf, chapter, 500, index % 2 === 0);
  footer(pdf, 3 + index * 2);
}

function secondPage(pdf: PDFKit.PDFDocument, chapter: Chapter, index: number): void {
  pdf.addPage(PAGE);
  pdf.font("Helvetica-Bold").fontSize(16).fillColor(INK).text("What was measured", MARGIN, MARGIN);
  table(pdf, chapter, 100);
  pdf.font("Helvetica-Bold").fontSize(16).fillColor(INK).text("What follows from it", MARGIN, 260);
  columns(pdf, chapter.paragraphs.slice(2, 7), 290, BOTTOM - 20);
  footer(pdf, 4 + index * 2);
}

function columns(pdf: PDFKit.PDFDocument, paragraphs: readonly string[], top: number, bottom: number): void {
  pdf
    .font("Times-Roman")
    .fontSize(10.5)
    .fillColor(INK)
    .text(paragraphs.join("\n\n"), MARGIN, top, {
      columns: 2,
      columnGap: 22,
      width: WIDTH,
      height: bottom - top,
      align: "justify",
      lineGap: 1.6,
      ellipsis: true,
    });
}

function chart(
  pdf: PDFKit.PDFDocument,
  { chart: { title, series } }: Chapter,
  top: number,
  bars: boolean,
): void {
  const height = 190;
  const base = top + 30 + height;
  const highest = Math.max(...series.flatMap(({ values }) => values)) * 1.1;
  const step = WIDTH / 12;
  pdf.font("Helvetica-Bold").fontSize(11).fillColor(INK).text(title, MARGIN, top);
  for (let line = 0; line <= 4; line += 1) {
    const y = base - (height * line) / 4;
    pdf
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + WIDTH, y)
      .lineWidth(0.5)
      .stroke(LINE);
    pdf
      .font("Helvetica")
      .fontSize(7)
      .fillColor(MUTED)
      .text(String(Math.round((highest * line) / 4)), MARGIN - 34, y - 3, { width: 28, align: "right" });
  }
  for (const [index, { name, values }] of series.entries()) {
    const colour = index === 0 ? SEA : BUOY;
    const points = values.map(
      (value, month) => [MARGIN + step * (month + 0.5), base - (height * value) / highest] as const,
    );
    if (bars) for (const [x, y] of points) pdf.rect(x + (index - 1) * 12, y, 11, base - y).fill(colour);
    else {
      for (const [month, [x, y]] of points.entries())
        if (month === 0) pdf.moveTo(x, y);
        else pdf.lineTo(x, y);
      pdf.lineWidth(2).stroke(colour);
      for (const [x, y] of points) pdf.circle(x, y, 3).fill(colour);
    }
    pdf.rect(MARGIN + WIDTH - 100 + index * 52, top + 1, 8, 8).fill(colour);
    pdf
      .font("Helvetica")
      .fontSize(8)
      .fillColor(INK)
      .text(name, MARGIN + WIDTH - 88 + index * 52, top + 1);
  }
  for (const [month, letter] of MONTHS.entries())
    pdf
      .font("Helvetica")
      .fontSize(8)
      .fillColor(MUTED)
      .text(letter, MARGIN + step * month, base + 6, { width: step, align: "center" });
}

function table(pdf: PDFKit.PDFDocument, { table: { head, rows } }: Chapter, top: number): void {
  for (const [number, row] of [head, ...rows].entries()) {
    const y = top + number * 30;
    pdf.rect(MARGIN, y, WIDTH, 30).fill(number === 0 ? INK : number % 2 === 0 ? "#eef3f5" : "white");
    for (const [column, cell] of row.entries())
      pdf
        .font(number === 0 ? "Helvetica-Bold" : "Helvetica")
        .fontSize(10)
        .fillColor(number === 0 ? "white" : cell === "to be watched" ? BUOY : INK)
        .text(cell, MARGIN + 12 + (WIDTH / 4) * column, y + 10, { width: WIDTH / 4 - 16 });
  }
}

function footer(pdf: PDFKit.PDFDocument, page: number): void {
  pdf.font("Helvetica").fontSize(8).fillColor(MUTED);
  pdf.text(`${REPORT_TITLE} · ${REPORT_SUBTITLE}`, MARGIN, 792, { lineBreak: false });
  pdf.text(String(page), MARGIN + WIDTH - 30, 792, { width: 30, align: "right", lineBreak: false });
}

function firstSentence({ paragraphs }: Chapter): string {
  return `${(paragraphs[0] ?? "").split(". ")[0]}.`;
}

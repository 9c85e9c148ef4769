/** The Word sample: the report of the PDF sample, on twenty pages. */
import {
  AlignmentType,
  Document,
  HeadingLevel,
  Packer,
  PageBreak,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from "docx";
import { REPORT_SUBTITLE, REPORT_TITLE, reportChapters, type Chapter } from "./report.ts";
import { withFixedTimes } from "./zip-times.ts";

export async function reportDocx(): Promise<Buffer> {
  const chapters = reportChapters();
  const document = new Document({
    title: REPORT_TITLE,
    creator: "Northquay",
    styles: { default: { document: { run: { font: "Liberation Serif", size: 22 } } } },
    sections: [{ children: [...cover(), ...contents(chapters), ...chapters.flatMap(chapterPages)] }],
  });
  return await withFixedTimes(await Packer.toBuffer(document));
}

function cover(): Paragraph[] {
  return [
    new Paragraph({
      spacing: { before: 4000 },
      children: [new TextRun({ text: REPORT_TITLE, size: 96, bold: true, color: "0B6B74" })],
    }),
    new Paragraph({ children: [new TextRun({ text: REPORT_SUBTITLE, size: 36 })] }),
    new Paragraph({ children: [new PageBreak()] }),
  ];
}

function contents(chapters: readonly Chapter[]): Paragraph[] {
  return [
    new Paragraph({ heading: HeadingLevel.HEADING_1, children: [new TextRun("Contents")] }),
    ...chapters.map(
      ({ title }, index) =>
        new Paragraph({ spacing: { before: 240 }, children: [new TextRun(`${index + 1}  ${title}`)] }),
    ),
  ];
}

/** Two pages: the second one by a page break before its heading. */
function chapterPages(chapter: Chapter, index: number): (Paragraph | Table)[] {
  return [
    new Paragraph({
      heading: HeadingLevel.HEADING_1,
      pageBreakBefore: true,
      children: [new TextRun(`${index + 1}  ${chapter.title}`)],
    }),
    ...chapter.paragraphs.slice(0, 4).map(textParagraph),
    new Paragraph({
      heading: HeadingLevel.HEADING_2,
      pageBreakBefore: true,
      children: [new TextRun("What was measured")],
    }),
    table(chapter),
    new Paragraph({
      heading: HeadingLevel.HEADING_2,
      spacing: { before: 300 },
      children: [new TextRun("What follows from it")],
    }),
    ...chapter.paragraphs.slice(4).map(textParagraph),
  ];
}

function textParagraph(text: string): Paragraph {
  return new Paragraph({
    alignment: AlignmentType.JUSTIFIED,
    spacing: { after: 160 },
    children: [new TextRun(text)],
  });
}

function table({ table: { head, rows } }: Chapter): Table {
  return new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    rows: [head, ...rows].map(
      (row, number) =>
        new TableRow({
          children: row.map(
            (cell) =>
              new TableCell({
                children: [new Paragraph({ children: [new TextRun({ text: cell, bold: number === 0 })] })],
              }),
          ),
        }),
    ),
  });
}

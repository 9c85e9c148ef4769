/** The PowerPoint sample: a slide for each chapter of the report, with its chart. */
import pptxgen from "pptxgenjs";
import { REPORT_SUBTITLE, REPORT_TITLE, reportChapters } from "./report.ts";
import { withFixedTimes } from "./zip-times.ts";

// Its types describe the CommonJS build, in which the class is `default`; Node loads the ES module, which is the class.
const Presentation = pptxgen as unknown as typeof pptxgen.default;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export async function reportSlides(): Promise<Buffer> {
  const slides = new Presentation();
  slides.title = REPORT_TITLE;
  const cover = slides.addSlide();
  cover.background = { color: "0D2F3A" };
  cover.addText(REPORT_TITLE, { x: 0.6, y: 1.6, w: 8.5, h: 1.2, fontSize: 60, bold: true, color: "FFFFFF" });
  cover.addText(REPORT_SUBTITLE, { x: 0.6, y: 2.8, w: 8.5, h: 0.6, fontSize: 24, color: "BFE3E5" });
  for (const [index, chapter] of reportChapters().entries()) {
    const slide = slides.addSlide();
    slide.addText(`${index + 1}  ${chapter.title}`, {
      x: 0.5,
      y: 0.3,
      w: 9,
      h: 0.8,
      fontSize: 32,
      bold: true,
      color: "14212B",
    });
    slide.addShape("rect", { x: 0.5, y: 1.1, w: 0.8, h: 0.06, fill: { color: "E4572E" } });
    slide.addText(
      chapter.table.rows.map((row) => ({
        text: `${row[0]}: ${row[2]} of ${row[1]}`,
        options: { bullet: true, breakLine: true },
      })),
      { x: 0.5, y: 1.5, w: 3.6, h: 3, fontSize: 18, color: "14212B", valign: "top" },
    );
    slide.addChart(
      index % 2 === 0 ? "bar" : "line",
      chapter.chart.series.map(({ name, values }) => ({ name, labels: MONTHS, values: [...values] })),
      {
        x: 4.3,
        y: 1.3,
        w: 5.3,
        h: 3.8,
        chartColors: ["0B6B74", "E4572E"],
        showTitle: true,
        title: chapter.chart.title,
        showLegend: true,
      },
    );
  }
  const file = await slides.write({ outputType: "nodebuffer" });
  return await withFixedTimes(file as Buffer);
}

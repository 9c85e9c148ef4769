/** The report that the PDF and the Word sample share: nine chapters on a quay, the same words at every run. */

export interface Chapter {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly chart: { readonly title: string; readonly unit: string; readonly series: readonly Series[] };
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

export const REPORT_TITLE = "North Quay";
export const REPORT_SUBTITLE = "Renewal plan and progress report";

/** Chapter title, what it is about (subjects of its sentences), what it counts. */
const TOPICS = [
  ["Where the quay stands", ["the sheet-pile wall", "the eastern berth", "the crane track"], "Berth days"],
  ["What ships need", ["the coastal fleet", "the ferry line", "the pilot service"], "Arrivals"],
  ["Depth and dredging", ["the approach channel", "the turning basin", "the silt trap"], "Thousand m³"],
  ["Power from the shore", ["the new substation", "the cable duct", "the berth connection"], "MWh"],
  ["Rain and high water", ["the flood gate", "the pumping station", "the storm drain"], "mm a month"],
  ["The people at work", ["the mooring crew", "the night shift", "the training yard"], "Hours"],
  ["Money", ["the first tranche", "the contingency", "the maintenance fund"], "Thousand €"],
  ["Neighbours", ["the market hall", "the promenade", "the rowing club"], "Visitors"],
  ["The next two years", ["the second phase", "the tender", "the steering group"], "Milestones"],
] as const;

const OPENINGS = [
  "This year",
  "Since the survey in March",
  "By the end of the second quarter",
  "For the first time",
  "As the inspection showed",
];
const VERBS = [
  "carries more than it was built for",
  "has been brought back to its planned state",
  "needs attention before the winter",
  "met its target with room to spare",
  "was measured at forty points and mapped anew",
  "stays open while the work goes on around it",
];
const ENDINGS = [
  "and the figures below show by how much",
  "which the steering group has taken note of",
  "so that the next phase can begin on time",
  "although two storms cost a week each",
  "and nobody has had to close a berth for it",
  "as the harbour master had asked",
];
const REMARKS = [
  "We recommend to keep it so.",
  "The cost is within the plan.",
  "Details stand in the annex.",
  "A second opinion agrees.",
  "The next reading is due in spring.",
];

const PARAGRAPHS = 7;
const SENTENCES = 6;

/** The nine chapters. */
export function reportChapters(): Chapter[] {
  const random = sequence(2026);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return TOPICS.map(([title, subjects, unit]) => {
    const sentence = () =>
      `${pick(OPENINGS)}, ${pick(subjects)} ${pick(VERBS)}, ${pick(ENDINGS)}.` +
      (random() < 0.3 ? ` ${pick(REMARKS)}` : "");
    const level = 40 + random() * 60;
    const series = ["2024", "2025"].map((name, year) => ({
      name,
      values: Array.from({ length: 12 }, (_, month) =>
        Math.round(level * (1 + 0.12 * year + 0.3 * Math.sin((month + year) / 2)) + random() * 18),
      ),
    }));
    return {
      title,
      paragraphs: Array.from({ length: PARAGRAPHS }, () =>
        Array.from({ length: SENTENCES }, sentence).join(" "),
      ),
      chart: { title: `${unit} by month`, unit, series },
      table: {
        head: ["Place", "Planned", "Measured", "State"],
        rows: subjects.map((subject) => {
          const planned = Math.round(80 + random() * 300);
          const measured = Math.round(planned * (0.85 + random() * 0.25));
          return [
            subject.replace(/^the /, "").replace(/^./, (letter) => letter.toUpperCase()),
            String(planned),
            String(measured),
            measured >= planned * 0.95 ? "on target" : "to be watched",
          ];
        }),
      },
    };
  });
}

/** Numbers from 0 to below 1, the same at every run (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

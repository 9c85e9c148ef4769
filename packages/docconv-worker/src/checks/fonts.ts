/** Checks that documents look as they were written: fonts as wide as those that Office files name. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Finding } from "./finding.ts";

interface Substitute {
  /** As Office files name it. */
  readonly named: string;
  /** Of the same widths, so that lines and pages break where they did. */
  readonly substitute: string;
  readonly debianPackage: string;
}

const SUBSTITUTES: readonly Substitute[] = [
  { named: "Calibri", substitute: "Carlito", debianPackage: "fonts-crosextra-carlito" },
  { named: "Cambria", substitute: "Caladea", debianPackage: "fonts-crosextra-caladea" },
  { named: "Arial", substitute: "Liberation Sans", debianPackage: "fonts-liberation2" },
  { named: "Times New Roman", substitute: "Liberation Serif", debianPackage: "fonts-liberation2" },
  { named: "Courier New", substitute: "Liberation Mono", debianPackage: "fonts-liberation2" },
];

/** One finding for all of them. */
export async function* checkFonts(): AsyncGenerator<Finding> {
  const subject = "Fonts";
  let matches: readonly string[];
  try {
    matches = await Promise.all(SUBSTITUTES.map(({ named }) => matchOf(named)));
  } catch {
    const text = "fc-match is not installed, so fonts cannot be checked: apt-get install fontconfig";
    yield { subject, state: "warning", text };
    return;
  }
  const missing = SUBSTITUTES.filter(({ named, substitute }, index) => {
    return !matches[index]?.split(",").some((family) => family === named || family === substitute);
  });
  if (missing.length === 0) {
    const kept = "Calibri, Cambria, Arial, Times New Roman and Courier New keep their widths.";
    const boxes = " Chinese, Japanese and Korean show as boxes: apt-get install fonts-noto-cjk.";
    yield { subject, state: "ok", text: (await hasFontFor("ja")) ? kept : kept + boxes };
    return;
  }
  const names = missing.map(({ named }) => named).join(", ");
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(" ");
  const text = `${names} would look different, and lines break elsewhere: apt-get install ${packages}`;
  yield { subject, state: "warning", text };
}

async function hasFontFor(language: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)("fc-list", [`:lang=${language}`, "family"]);
  return stdout.trim() !== "";
}

/** The families of the font that stands in for this one. */
async function matchOf(named: string): Promise<string> {
  const { stdout } = await promisify(execFile)("fc-match", ["-f", "%{family}", named]);
  return stdout;
}

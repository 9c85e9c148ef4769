// What the tests need beside npm's packages, and how it gets onto the machine.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian package -> a file that it brings, so that other ways of installing count, too. */
const PACKAGES = {
  "redis-server": "/usr/bin/redis-server",
  "nginx-light": "/usr/sbin/nginx",
  chromium: "/usr/bin/chromium",
  "libreoffice-writer": "/usr/bin/lowriter",
  "libreoffice-calc": "/usr/bin/localc",
  "libreoffice-impress": "/usr/bin/loimpress",
  "python3-uno": "/usr/lib/python3/dist-packages/uno.py",
  "poppler-utils": "/usr/bin/pdftoppm",
  bubblewrap: "/usr/bin/bwrap",
  qpdf: "/usr/bin/qpdf",
  procps: "/usr/bin/ps",
  "tesseract-ocr": "/usr/bin/tesseract",
  "libheif-examples": "/usr/bin/heif-convert",
  "fonts-liberation2": "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf",
  "fonts-crosextra-carlito": "/usr/share/fonts/truetype/crosextra/Carlito-Regular.ttf",
  "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
};

function missing() {
  return Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name]));
}

/** What apt-get and the packages' own scripts say is shown only if it fails. */
function run(command, args) {
  console.log(`$ ${command} ${args.join(" ")}`);
  const { status, output, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 100_000_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) console.error(error?.message ?? output.join(""));
}

/** Installs what is missing where that is allowed. Throws an Error that says exactly what to install where it is not. */
export function ensureDebianPackages() {
  const names = missing();
  if (names.length === 0) return;
  const remedy = `apt-get update && apt-get install --no-install-recommends ${names.join(" ")}`;
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const mayInstall =
    existsSync("/usr/bin/apt-get") && (sudo.length === 0 || spawnSync("sudo", ["-n", "true"]).status === 0);
  if (mayInstall) {
    console.log(`Installing the Debian packages that the tests need: ${names.join(", ")}`);
    const aptGet = [...sudo, "apt-get"];
    run(aptGet[0], [...aptGet.slice(1), "-qq", "update"]);
    run(aptGet[0], [...aptGet.slice(1), "-qq", "-y", "install", "--no-install-recommends", ...names]);
  }
  const still = missing();
  if (still.length > 0) {
    throw new Error(`The tests need ${still.join(", ")}. On Debian, as root:\n\n  ${remedy}\n`);
  }
}

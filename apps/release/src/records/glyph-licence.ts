import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../../../packages/pictures/src/font/LICENSE", import.meta.url));

/** Returns the licence of the letters in pictures, which are those of a font. */
export const glyphLicence = (): string => `Glyphs of DejaVu Sans\n\n${readFileSync(FILE, "utf8").trim()}`;

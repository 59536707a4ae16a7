import { NARTHEX_VERSION } from "@narthex/runtime";

/** Output of `narthex --version`, and of `--version` of its commands. */
export const versionLine = (): string => `narthex, version ${NARTHEX_VERSION} (node ${process.version})\n`;

import { NARTHEX_VERSION } from "@narthex/runtime";

/** Returns the output of `narthex --version`, and of `--version` of its commands. */
export const versionLine = (): string => `narthex, version ${NARTHEX_VERSION} (node ${process.version})\n`;

import { createHash } from "node:crypto";

/** A group's key as services take it that limit the length of such names: 64 hexadecimal digits. */
export const hashGroupKey = (groupKey: string): string => createHash("sha256").update(groupKey).digest("hex");

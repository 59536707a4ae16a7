import { Secret } from "@narthex/config";

/** A file that a configuration names. */
export interface NamedFile {
  readonly path: string;
  /** Does it hold a password, a token, a key or an address that is one? */
  readonly isSecret: boolean;
}

/** What a configuration holds of secrets. */
export interface SecretPlaces {
  readonly files: readonly NamedFile[];
  /** Do passwords, tokens or keys stand in the configuration itself? */
  readonly hasInline: boolean;
}

/** Keys of files that hold something that anybody may know, or that the program writes itself. */
const PUBLIC = /^(?:ca|cert|scrapeFailureLog|username|.*[tT]okenId)File$/;
const WRITTEN = /^scrapeFailureLogFile$/;

/** Goes through a decoded configuration; its keys say which values are files. */
export function secretPlaces(config: unknown): SecretPlaces {
  const files = new Map<string, NamedFile>();
  let hasInline = false;
  const seen = new Set<object>();
  const add = (path: string, isSecret: boolean): void => {
    if (path !== "") files.set(path, { path, isSecret: isSecret || files.get(path)?.isSecret === true });
  };
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Secret) {
      hasInline ||= value.reveal() !== "";
      return;
    }
    if (value instanceof Map || Array.isArray(value)) {
      for (const item of value.values()) visit(item);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      if (key.endsWith("File") && typeof item === "string") {
        if (!WRITTEN.test(key)) add(item, !PUBLIC.test(key));
      } else visit(item);
    }
  };
  visit(config);
  return { files: [...files.values()], hasInline };
}

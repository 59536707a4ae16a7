import { Secret } from "@narthex/config";

export interface NamedFile {
  readonly path: string;
  /** Whether the file contains a password, a token, a key or a secret URL. */
  readonly isSecret: boolean;
}

export interface SecretPlaces {
  readonly files: readonly NamedFile[];
  /** Whether the configuration file itself contains passwords, tokens or keys. */
  readonly hasInline: boolean;
}

/**
 * Matches configuration keys that name files without secrets. WRITTEN matches keys of files that the program itself
 * writes.
 */
const PUBLIC = /^(?:ca|cert|scrapeFailureLog|username|.*[tT]okenId)File$/;
const WRITTEN = /^scrapeFailureLogFile$/;

/** Finds the secrets in a decoded configuration. A key that ends with `File` contains a file path. */
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

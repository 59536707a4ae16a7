export interface ExpansionSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

/** Error for a value that refers to a file that cannot be read. The message contains the file's path. */
export class ExpansionError extends Error {
  override readonly name = "ExpansionError";
}

const PROVIDED = /\$(__\w{1,40})?\{([^{}]{1,4096})\}/g;

/** Replaces references in a setting: `${NAME}`, `$__env{NAME}` and `$__file{/path}`. Throws ExpansionError. */
export function expandSetting(text: string, sources: ExpansionSources): string {
  return text.replace(PROVIDED, (whole: string, provider: string | undefined, argument: string) => {
    if (provider === undefined || provider === "__env") return sources.env[argument] ?? "";
    return provider === "__file" ? fileText(argument, sources) : whole;
  });
}

const REFERENCE = /\$(?:\$|__env\{([^{}]*)\}|__file\{([^{}]*)\}|\{([^{}]*)\}|([A-Za-z_]\w*)|[0-9*#@!?-])/g;

/**
 * Replaces references in a value of a provisioning file: those of expandSetting(), `$NAME` for a variable, and `$$` for
 * a dollar sign. Unset variables become empty. Throws ExpansionError.
 */
export function expandProvisioned(text: string, sources: ExpansionSources): string {
  if (!text.includes("$")) return text;
  return text.replace(
    REFERENCE,
    (whole: string, env?: string, file?: string, braced?: string, name?: string): string => {
      if (whole === "$$") return "$";
      if (file !== undefined) return fileText(file, sources);
      return sources.env[env ?? braced ?? name ?? ""] ?? "";
    },
  );
}

function fileText(path: string, { readFile }: ExpansionSources): string {
  try {
    return readFile(path).trim();
  } catch (cause) {
    throw new ExpansionError(`$__file{${path}}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HandlerError } from "@narthex/alerting";
import { diskFiles } from "@narthex/config";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { loadText } from "../dispatching/load-config.ts";
import { folderWith } from "../testing/running-alertmanager.ts";
import { ConfigFile, ConfigFileError } from "./config-file.ts";
import { type ReceiverDraft, ReceiverSetup } from "./receiver-setup.ts";
import { SecretFiles } from "./secret-files.ts";

const CONFIG = "route: {receiver: a}\nreceivers:\n  - name: a\n";
const DRAFT: ReceiverDraft = {
  name: "a",
  form: { kind: "webhook", texts: {}, flags: { send_resolved: true } },
  secret: "http://a/b",
  isDefault: false,
};

/** A file on a disk that becomes full after a change. */
class FileOnFullDisk extends ConfigFile {
  override restore(): Promise<void> {
    return Promise.reject(new ConfigFileError("The disk is full."));
  }
}

/** A file whose folder cannot be written to the disk after a change. */
class FileWithLateFailure extends ConfigFile {
  override async replace(text: string, before: string): Promise<void> {
    await super.replace(text, before);
    throw new ConfigFileError("The file cannot be changed: EIO.");
  }
}

interface Steps {
  readonly File?: typeof ConfigFile;
  /** Results of reloads, in order. Later ones succeed. */
  readonly reloads?: readonly (() => readonly string[])[];
  /** Runs before each check of a text. */
  readonly beforeCheck?: (file: string, text: string) => void;
}

/** Sends a change to the setup of a file, whose steps the test chooses. */
async function change({ File = ConfigFile, reloads = [], beforeCheck }: Steps) {
  const { folder, file } = folderWith(CONFIG);
  const secrets = join(folder, "secrets");
  let count = 0;
  const setup = new ReceiverSetup({
    file: new File(file),
    secrets: new SecretFiles(secrets),
    load: (text) => {
      beforeCheck?.(file, text);
      return loadText(file, text, { files: diskFiles, mode: "fallback", now: () => 0 });
    },
    reload: async () => reloads[count++]?.() ?? [],
    logger: memoryLogger(),
  });
  const { tag } = await setup.state();
  const author = { user: "ann", address: "::1" };
  const error: unknown = await setup.put(DRAFT, { tag, author }).catch((problem: unknown) => problem);
  const refusal = error instanceof HandlerError ? [error.statusCode, error.message] : error;
  return { file, refusal, reloads: count, secrets: readdirSync(secrets), text: readFileSync(file, "utf8") };
}

test("if a refused text cannot be replaced by the old one, the answer names both, and the secret stays", async () => {
  const { file, refusal, reloads, secrets, text } = await change({
    File: FileOnFullDisk,
    reloads: [() => ["no certificate"]],
  });
  expect(refusal).toEqual([
    500,
    `no certificate
The configuration file could not be restored. The disk is full.
${file} has the new text.
The text before the change is in ${file}.before-change.`,
  ]);
  expect(reloads).toBe(2);
  expect(secrets).toHaveLength(1);
  expect(text).toContain(secrets[0]);
  expect(readFileSync(`${file}.before-change`, "utf8")).toBe(CONFIG);
});

test("if a reload throws, the old text is restored and used, and no secret is left", async () => {
  const broken = (): never => {
    throw new Error("out of handles");
  };
  const { refusal, reloads, secrets, text } = await change({ reloads: [broken, broken] });
  expect(refusal).toEqual([400, "The configuration file could not be loaded: out of handles"]);
  expect([reloads, secrets, text]).toEqual([2, [], CONFIG]);
});

test("a file that someone saves during a change is not replaced", async () => {
  const edited = `${CONFIG}# by hand\n`;
  const { file, refusal, reloads, secrets, text } = await change({
    // The last check is that of the text with the secret's file.
    beforeCheck: (path, checked) => {
      if (checked.includes("url_file")) writeFileSync(path, edited);
    },
  });
  expect(refusal).toEqual([
    412,
    expect.stringMatching(/^The configuration file has changed, or .* Load the page again/),
  ]);
  expect([reloads, secrets, text]).toEqual([0, [], edited]);
  expect(readdirSync(join(file, "..")).filter((name) => name.includes("in_progress"))).toEqual([]);
});

test("a text that someone saves during a reload is not replaced by the old one", async () => {
  let path = "";
  const { file, refusal, text } = await change({
    beforeCheck: (name) => void (path = name),
    reloads: [
      () => {
        writeFileSync(path, `${CONFIG}# by hand\n`);
        return ["no certificate"];
      },
    ],
  });
  expect(refusal).toEqual([500, expect.stringContaining(`${file} has another text.`)]);
  expect(text).toBe(`${CONFIG}# by hand\n`);
});

test("a change whose last step fails is undone", async () => {
  const { refusal, secrets, text } = await change({ File: FileWithLateFailure });
  expect(refusal).toEqual([409, "The file cannot be changed: EIO."]);
  expect([secrets, text]).toEqual([[], CONFIG]);
});

test("a secret stays if someone saves a text that names it during a change", async () => {
  const name = `secret-${randomUUID()}`;
  let path = "";
  const { secrets } = await change({
    beforeCheck: (file) => {
      if (path !== "") return;
      path = file;
      mkdirSync(join(file, "../secrets"));
      writeFileSync(join(file, "../secrets", name), "old");
      writeFileSync(`${file}.before-change`, `# ${name}\n`);
    },
    reloads: [
      () => {
        writeFileSync(path, `${CONFIG}# ${name}\n`);
        return [];
      },
    ],
  });
  expect(secrets).toContain(name);
});

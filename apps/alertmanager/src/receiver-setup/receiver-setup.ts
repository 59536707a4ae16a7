import { allRoutes, buildRoute, HandlerError } from "@narthex/alerting";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import { identityOf, YamlEdit, YamlEditError } from "@narthex/config";
import type { ReceiverConfig } from "@narthex/receivers";
import { type Logger, Mutex } from "@narthex/runtime";
import type { LoadedFile, LoadOutcome } from "../dispatching/load-config.ts";
import { type ConfigFile, ConfigFileError, type ConfigText } from "./config-file.ts";
import { type ReceiverForm, receiverIndex, type StoredSecret, writeForm } from "./receiver-form.ts";
import { redirectsPassword } from "./secret-destination.ts";
import type { SecretFiles } from "./secret-files.ts";
import { formView, type ReceiverView, requirePlain, SHARED } from "./stored-receiver.ts";

/** The receivers of the configuration file. */
export interface SetupState {
  readonly file: string;
  /** The state of the file, which a change must name. */
  readonly tag: string;
  readonly receivers: readonly ReceiverView[];
  /** Values of `global` that receivers inherit, by key of the form. */
  readonly inherited: Readonly<Record<string, string>>;
}

/** A wanted receiver. */
export interface ReceiverDraft {
  readonly name: string;
  /** Undefined to leave the integrations unchanged. */
  readonly form: ReceiverForm | undefined;
  /** A new password or URL. An empty text leaves the stored one unchanged. */
  readonly secret: string;
  /** True to make it the receiver of the root route. */
  readonly isDefault: boolean;
}

interface Options {
  readonly file: ConfigFile;
  readonly secrets: SecretFiles;
  /** Checks a text as a reload does. */
  readonly load: (text: string) => Promise<LoadOutcome>;
  /** Uses the file. Resolves with its problems. */
  readonly reload: () => Promise<readonly string[]>;
  readonly logger: Logger;
}

/** The file with its meaning, ready for a change. */
interface Opened extends ConfigText {
  readonly loaded: LoadedFile;
  readonly edit: YamlEdit;
}

/**
 * Changes receivers in the configuration file, for pages. Each change is checked as a reload does, and then used. The
 * old text becomes the backup. If a step fails, the file and the running configuration stay as they were.
 */
export class ReceiverSetup {
  readonly #options: Options;
  /** Changes run one after the other, so that each sees the file as the last one has left it. */
  readonly #turns = new Mutex();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Returns the receivers of the file. Throws HandlerError if the file cannot be changed. */
  async state(): Promise<SetupState> {
    const opened = await this.#open();
    const { loaded, edit, tag } = opened;
    const { global, receivers, route } = loaded.config;
    const used = new Set(allRoutes(buildRoute(route)).map(({ receiver }) => receiver));
    const [root] = allRoutes(buildRoute(route));
    return {
      file: this.#options.file.path,
      tag,
      receivers: receivers.map((receiver) => ({
        name: receiver.name,
        isDefault: receiver.name === root?.receiver,
        isUsed: used.has(receiver.name),
        ...formView(edit, loaded.config, receiver),
      })),
      inherited: { smarthost: global.smtpSmarthost, from: global.smtpFrom, auth_username: global.smtpAuthUsername },
    };
  }

  /** Checks a draft that is not stored, and returns it with the values that it inherits, ready to send a test. */
  async trial({ name, form, secret }: ReceiverDraft): Promise<{ receiver: ReceiverConfig; loaded: LoadedFile }> {
    const opened = await this.#open();
    const loaded = await this.#checked(opened, { name, form, secret, isDefault: false });
    return { receiver: named(loaded, name)!, loaded };
  }

  /** Adds or changes a receiver. Throws HandlerError; then nothing has changed. */
  put(draft: ReceiverDraft, tag: string): Promise<void> {
    return this.#turns.runExclusive(async () => {
      const opened = await this.#open(tag);
      await this.#checked(opened, draft);
      const path = draft.secret === "" ? undefined : await this.#storeSecret(draft.secret);
      try {
        const text = this.#changed(opened, draft, path === undefined ? UNCHANGED : { kind: "file", path });
        await this.#use(opened, text, draft.name);
      } catch (error) {
        if (path !== undefined) await this.#options.secrets.remove(path);
        throw error;
      }
      this.#options.logger.info("A receiver was changed by a page", { receiver: draft.name });
    });
  }

  /** Removes an unused receiver. Throws HandlerError; then nothing has changed. */
  remove(name: string, tag: string): Promise<void> {
    return this.#turns.runExclusive(async () => {
      const opened = await this.#open(tag);
      const { loaded, edit } = opened;
      if (named(loaded, name) === undefined) throw missing(name);
      if (allRoutes(buildRoute(loaded.config.route)).some(({ receiver }) => receiver === name))
        throw new HandlerError(409, "A route names this receiver. Let the route name another receiver first.");
      requirePlain(edit, name);
      edit.remove(["receivers", receiverIndex(edit, name)]);
      await this.#use(opened, edit.print(), name);
      this.#options.logger.info("A receiver was deleted by a page", { receiver: name });
    });
  }

  async #open(tag?: string): Promise<Opened> {
    const { file, load } = this.#options;
    const content = await fileStep(() => file.read());
    if (tag !== undefined && tag !== content.tag)
      throw new HandlerError(412, "The configuration file has changed since the page was loaded. Load the page again.");
    const outcome = await load(content.text);
    if (!outcome.ok) throw new HandlerError(409, `The configuration file has an error: ${outcome.problems.join("\n")}`);
    return { ...content, loaded: outcome.loaded, edit: editOf(content.text) };
  }

  /** Returns the configuration with a draft, whose secret is in the configuration itself. Throws HandlerError. */
  async #checked(opened: Opened, draft: ReceiverDraft): Promise<LoadedFile> {
    const { name, form, secret } = draft;
    const text = this.#changed(opened, draft, secret === "" ? UNCHANGED : { kind: "inline", text: secret });
    const loaded = await this.#loaded(text, secret);
    const after = named(loaded, name)?.integrations[0];
    if (form === undefined || after === undefined) return loaded;
    const before = named(opened.loaded, name)?.integrations.find(({ kind }) => kind.kind === form.kind);
    if (form.kind === "email" && redirectsPassword(before, after, loaded.config.global, secret !== ""))
      throw new HandlerError(
        400,
        "Enter the password again. The change would send the stored password to another mail server or without encryption.",
      );
    return loaded;
  }

  /** Returns the text of the file with a draft. Throws HandlerError. */
  #changed({ text, loaded }: Opened, { name, form, isDefault }: ReceiverDraft, secret: StoredSecret): string {
    const edit = editOf(text);
    const receiver = named(loaded, name);
    if (form === undefined && receiver === undefined) throw missing(name);
    if (form !== undefined) {
      const view = receiver === undefined ? {} : formView(edit, loaded.config, receiver);
      if (view.reason !== undefined) throw new HandlerError(409, view.reason);
      yamlStep(() => writeForm(edit, name, { form, secret, before: view.form }));
    }
    if (isDefault) {
      if (!edit.isPlain(["route", "receiver"])) throw new HandlerError(409, SHARED);
      yamlStep(() => edit.set(["route", "receiver"], name));
    }
    return edit.print();
  }

  async #loaded(text: string, secret = ""): Promise<LoadedFile> {
    const outcome = await this.#options.load(text);
    if (outcome.ok) return outcome.loaded;
    // A message can repeat the value that it is about. The position in a text that was not written is useless.
    const problems = outcome.problems.map((one) => {
      const message = one.replace(POSITION, "");
      return secret === "" ? message : message.replaceAll(secret, "<secret>");
    });
    throw new HandlerError(400, problems.join("\n"));
  }

  /** Writes a changed text, and uses it. Restores the old text if that is impossible. */
  async #use(opened: Opened, text: string, name: string): Promise<void> {
    const { file, reload, secrets } = this.#options;
    const loaded = await this.#loaded(text);
    if (restOf(loaded.config, name) !== restOf(opened.loaded.config, name))
      throw new HandlerError(409, "The change would alter other parts of the file. Make it in the file.");
    await fileStep(() => file.replace(text, opened.text));
    const problems = await reload();
    if (problems.length > 0) {
      await fileStep(() => file.restore(opened.text));
      await reload();
      throw new HandlerError(400, problems.join("\n"));
    }
    // The backup still names the secrets of the old text.
    await secrets.keepOnly([text, opened.text]);
  }

  #storeSecret(secret: string): Promise<string> {
    return fileStep(async () => {
      try {
        return await this.#options.secrets.add(secret);
      } catch (cause) {
        const { code = "" } = cause as NodeJS.ErrnoException;
        throw new ConfigFileError(`The file with the secret could not be written: ${code}.`, { cause });
      }
    });
  }
}

/** Matches the position of a problem in a file. */
const POSITION = /^\S*:\d+:\d+: /;
const UNCHANGED: StoredSecret = { kind: "unchanged" };

function named({ config }: LoadedFile, name: string): ReceiverConfig | undefined {
  return config.receivers.find((receiver) => receiver.name === name);
}

const missing = (name: string): HandlerError =>
  new HandlerError(404, `no receiver ${JSON.stringify(name)} in the file`);

/** Returns a text that is equal for two configurations if they differ only in a receiver and in the root route's. */
function restOf(config: AlertmanagerConfig, name: string): string {
  const receivers = config.receivers.filter((receiver) => receiver.name !== name);
  const rest = { ...config, receivers, route: { ...config.route, receiver: "" } };
  const section = configSection({ mode: "fallback", warn: () => undefined });
  return `${identityOf(section, rest)}\n${JSON.stringify(config.kubernetesConfigs)}`;
}

function editOf(text: string): YamlEdit {
  return yamlStep(() => new YamlEdit(text));
}

/** Runs an edit, and turns its errors into refusals. */
function yamlStep<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof YamlEditError)) throw error;
    throw new HandlerError(409, `The file cannot be edited by a page: ${error.message}. Change it in the file.`);
  }
}

/** Runs a step that reads or writes files, and turns its errors into refusals. */
async function fileStep<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw new HandlerError(409, error.message);
  }
}

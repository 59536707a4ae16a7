import { basename } from "node:path";
import { allRoutes, buildRoute, HandlerError } from "@narthex/alerting";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import { identityOf, YamlEdit, YamlEditError } from "@narthex/config";
import type { ReceiverConfig } from "@narthex/receivers";
import { type Logger, Mutex } from "@narthex/runtime";
import type { LoadedFile, LoadOutcome } from "../dispatching/load-config.ts";
import { ConfigChangedError, type ConfigFile, ConfigFileError, type ConfigText } from "./config-file.ts";
import { type ReceiverForm, receiverIndex, type StoredSecret, writeForm } from "./receiver-form.ts";
import { redirectProblem } from "./secret-destination.ts";
import { isNamedIn, type SecretFiles } from "./secret-files.ts";
import { formView, isPlainReceiver, type ReceiverView, SHARED } from "./stored-receiver.ts";

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

/** The user of a page, for the log. */
export interface Author {
  readonly user: string;
  readonly address: string;
}

/** The conditions of a change, and who makes it. */
export interface ChangeRequest {
  /** The state of the file that the page knows. */
  readonly tag: string;
  /** Whether the receiver must not exist yet. */
  readonly isNew?: boolean;
  readonly author: Author;
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
  /**
   * Requests read the file one after the other, so that each sees the file as the last change has left it, and only one
   * of them parses it.
   */
  readonly #turns = new Mutex();
  /** State of the file whose errors were logged last. */
  #loggedTag = "";

  constructor(options: Options) {
    this.#options = options;
  }

  /** Returns the receivers of the file. Throws HandlerError if the file cannot be changed. */
  state(): Promise<SetupState> {
    return this.#turns.runExclusive(async () => {
      const { loaded, edit, tag } = await this.#open();
      const { global, receivers, route } = loaded.config;
      const root = buildRoute(route);
      const used = new Set(allRoutes(root).map(({ receiver }) => receiver));
      return {
        file: this.#options.file.path,
        tag,
        receivers: receivers.map((receiver) => ({
          name: receiver.name,
          isDefault: receiver.name === root.receiver,
          isUsed: used.has(receiver.name),
          ...formView(edit, loaded.config, receiver),
        })),
        inherited: { smarthost: global.smtpSmarthost, from: global.smtpFrom, auth_username: global.smtpAuthUsername },
      };
    });
  }

  /** Checks a draft that is not stored, and returns it with the values that it inherits, ready to send a test. */
  trial(draft: ReceiverDraft, author: Author): Promise<{ receiver: ReceiverConfig; loaded: LoadedFile }> {
    return this.#turns.runExclusive(async () => {
      const loaded = await this.#checked(await this.#open(), { ...draft, isDefault: false }, author);
      return { receiver: named(loaded, draft.name)!, loaded };
    });
  }

  /** Adds or changes a receiver. Throws HandlerError; then nothing has changed, unless the message says so. */
  put(draft: ReceiverDraft, { tag, isNew = false, author }: ChangeRequest): Promise<void> {
    return this.#turns.runExclusive(async () => {
      const opened = await this.#open(tag);
      if (isNew && named(opened.loaded, draft.name) !== undefined)
        throw new HandlerError(
          409,
          "A receiver has this name already. Enter another name, or change the receiver with this name.",
        );
      await this.#checked(opened, draft, author);
      const path = draft.secret === "" ? undefined : await this.#storeSecret(draft.secret);
      try {
        const text = this.#changed(opened, draft, path === undefined ? UNCHANGED : { kind: "file", path });
        await this.#use(opened, text, draft.name);
      } catch (error) {
        if (path !== undefined) await this.#discard(path);
        throw error;
      }
      this.#options.logger.info("A receiver was changed by a page", { receiver: draft.name, ...author });
    });
  }

  /** Removes an unused receiver. Throws HandlerError; then nothing has changed, unless the message says so. */
  remove(name: string, { tag, author }: ChangeRequest): Promise<void> {
    return this.#turns.runExclusive(async () => {
      const opened = await this.#open(tag);
      const { loaded, edit } = opened;
      if (named(loaded, name) === undefined) throw missing(name);
      if (allRoutes(buildRoute(loaded.config.route)).some(({ receiver }) => receiver === name))
        throw new HandlerError(409, "A route names this receiver. Let the route name another receiver first.");
      if (!isPlainReceiver(edit, name)) throw new HandlerError(409, SHARED);
      edit.remove(["receivers", receiverIndex(edit, name)]);
      await this.#use(opened, edit.print(), name);
      this.#options.logger.info("A receiver was deleted by a page", { receiver: name, ...author });
    });
  }

  async #open(tag?: string): Promise<Opened> {
    const { file, load } = this.#options;
    const content = await fileStep(() => file.read());
    if (tag !== undefined && tag !== content.tag) throw refusalOf(new ConfigChangedError());
    const outcome = await load(content.text);
    if (!outcome.ok) throw this.#fileProblem(content.tag, outcome.problems);
    return { ...content, loaded: outcome.loaded, edit: editOf(content.text) };
  }

  /**
   * Returns the refusal of a file that someone has broken. The messages can repeat parts of the file, so only the log
   * contains them.
   */
  #fileProblem(tag: string, problems: readonly string[]): HandlerError {
    const { file, logger } = this.#options;
    if (tag !== this.#loggedTag)
      logger.error("The configuration file has an error", { file: file.path, err: problems.join("\n") });
    this.#loggedTag = tag;
    const [place] = problems.flatMap((problem) => partsOf(problem, file.path).place ?? []);
    const where = place === undefined ? "" : ` at ${place}`;
    return new HandlerError(
      409,
      `The configuration file has an error${where}. The log of the Alertmanager has the message.`,
    );
  }

  /** Returns the configuration with a draft, whose secret is in the configuration itself. Throws HandlerError. */
  async #checked(opened: Opened, draft: ReceiverDraft, author: Author): Promise<LoadedFile> {
    const { name, form, secret } = draft;
    const text = this.#changed(opened, draft, secret === "" ? UNCHANGED : { kind: "inline", text: secret });
    const loaded = await this.#loaded(text, secret);
    const after = named(loaded, name)?.integrations[0];
    if (form === undefined || after === undefined) return loaded;
    const before = named(opened.loaded, name)?.integrations.find(({ kind }) => kind.kind === form.kind);
    const { global: globals } = loaded.config;
    const problem = redirectProblem({ kind: form.kind, before, after, globals, isNewSecret: secret !== "" });
    if (problem === undefined) return loaded;
    this.#options.logger.warn("A page was refused, because it would have sent stored credentials to another place", {
      receiver: name,
      ...author,
    });
    throw new HandlerError(400, problem);
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
      const { message } = partsOf(one, this.#options.file.path);
      return secret === "" ? message : message.replaceAll(secret, "<secret>");
    });
    throw new HandlerError(400, problems.join("\n"));
  }

  /** Writes a changed text, and uses it. Restores the old text if that is impossible. */
  async #use(opened: Opened, text: string, name: string): Promise<void> {
    const { file, secrets } = this.#options;
    const loaded = await this.#loaded(text);
    if (restOf(loaded.config, name) !== restOf(opened.loaded.config, name))
      throw new HandlerError(409, "The change would alter other parts of the file. Make it in the file.");
    const backup = await file.backupText();
    await this.#write(opened.text, text);
    const problems = await this.#reload();
    const isUsed = problems.length === 0;
    if (!isUsed) await this.#undo(opened.text, text, problems);
    // The new backup still names the secrets of the old text. Someone may have saved another text meanwhile.
    const now = await file.read().catch(() => undefined);
    if (now !== undefined) await secrets.removeUnused(backup, [now.text, opened.text]);
    if (!isUsed) throw new HandlerError(400, problems.join("\n"));
  }

  /** Replaces the file. A replacement whose last step fails is undone, so that the next start does not use it. */
  async #write(before: string, text: string): Promise<void> {
    const { file } = this.#options;
    try {
      await fileStep(() => file.replace(text, before));
    } catch (error) {
      const now = await file.read().catch(() => undefined);
      if (now?.text === text) await this.#undo(before, text, [(error as Error).message]);
      throw error;
    }
  }

  /** Restores the text before a change that cannot be used. If this fails, throws HandlerError, which names the texts. */
  async #undo(before: string, text: string, problems: readonly string[]): Promise<void> {
    const { file, logger } = this.#options;
    const { path, backup } = file;
    const failure = await file.restore(before, text).then(
      () => undefined,
      (error: Error) => error,
    );
    await this.#reload();
    if (failure === undefined) return;
    logger.error("The configuration file could not be restored", { file: path, backup, err: failure });
    const now = await file.read().catch(() => undefined);
    const content = now?.text === before ? "the old text" : now?.text === text ? "the new text" : "another text";
    throw new HandlerError(
      500,
      [
        ...problems,
        `The configuration file could not be restored. ${failure.message}`,
        now === undefined ? `${path} cannot be read.` : `${path} has ${content}.`,
        `The text before the change is in ${backup}.`,
      ].join("\n"),
    );
  }

  /** Uses the file. Resolves with its problems. */
  async #reload(): Promise<readonly string[]> {
    try {
      return await this.#options.reload();
    } catch (error) {
      this.#options.logger.error("The configuration file could not be loaded", { err: error });
      return [`The configuration file could not be loaded: ${error instanceof Error ? error.message : String(error)}`];
    }
  }

  /** Removes the secret of a change that has failed, unless the file names it, or cannot be read. */
  async #discard(path: string): Promise<void> {
    const { file, secrets } = this.#options;
    const content = await file.read().catch(() => undefined);
    if (content !== undefined && !isNamedIn(content.text, path)) await secrets.remove(path);
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

/** Matches the position of a problem, after the name of its file. */
const POSITION = /^(\d+):(\d+): /;
const UNCHANGED: StoredSecret = { kind: "unchanged" };

/** Divides a problem into its position in the configuration file, if it has one, and its message. */
function partsOf(problem: string, path: string): { readonly place?: string; readonly message: string } {
  const name = `${basename(path)}:`;
  const start = problem.indexOf(name);
  const rest = problem.slice(start + name.length);
  const position = start === -1 ? null : POSITION.exec(rest);
  if (position === null) return { message: problem };
  const [{ length }, line, column] = position;
  return { place: `line ${line}, column ${column}`, message: rest.slice(length) };
}

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

const refusalOf = (error: ConfigFileError): HandlerError =>
  new HandlerError(error instanceof ConfigChangedError ? 412 : 409, error.message);

/** Runs a step that reads or writes files, and turns its errors into refusals. */
async function fileStep<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw refusalOf(error);
  }
}

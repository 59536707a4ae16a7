import { createHmac } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { systemClock } from "@narthex/runtime";
import { type KeyPair } from "@narthex/tls/testing";

/** Behaviour of the server. Changes take effect with the next command. */
export interface SmtpBehavior {
  /** Login methods that the server offers, in this order. If the list is empty, it offers no login. */
  mechanisms?: readonly string[];
  /** Additional lines of the reply to the greeting EHLO. */
  extensions?: readonly string[];
  /** Certificate with which the server offers STARTTLS. */
  starttls?: KeyPair;
  /** Certificate for connections that begin with TLS. */
  implicitTls?: KeyPair;
  /**
   * Replies that replace the server's own, by step, such as `RCPT` → `550 no`. Steps are CONNECT, the SMTP commands,
   * DOT (the end of the message), and `RCPT TO:<a@x>` for a single recipient.
   */
  replies?: Readonly<Record<string, string>>;
  /** Step at which the server closes the connection instead of replying. */
  cutAt?: string;
  /** Step to which the server never replies. */
  silentAt?: string;
  onCommand?: (line: string) => void;
  /** Delay before each reply, ms. */
  delayMs?: number;
  /** Plain text that follows the reply to STARTTLS, before TLS begins. Simulates an injection. */
  injected?: string;
  /** True to accept STARTTLS, but then to send bytes that are not TLS. */
  brokenTls?: boolean;
  /** Loopback address that the server listens on. Default: 127.0.0.1. */
  host?: string;
  username?: string;
  password?: string;
}

interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string;
}

export interface FakeSmtp extends AsyncDisposable {
  readonly port: number;
  readonly behavior: SmtpBehavior;
  /** Commands of all connections, in order; `*` marks the start of TLS. */
  readonly commands: readonly string[];
  readonly dialogues: readonly (readonly string[])[];
  readonly mails: ReceivedMail[];
  readonly connections: number;
}

export async function fakeSmtp(behavior: SmtpBehavior = {}): Promise<FakeSmtp> {
  const dialogues: string[][] = [];
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const commands: string[] = [];
    dialogues.push(commands);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    new Session(socket, behavior, commands, mails).start();
  });
  await new Promise<void>((resolve) => server.listen(0, behavior.host ?? "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    behavior,
    get commands() {
      return dialogues.flat();
    },
    dialogues,
    mails,
    get connections() {
      return dialogues.length;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Session {
  #socket: Socket;
  readonly #behavior: SmtpBehavior;
  readonly #commands: string[];
  readonly #mails: ReceivedMail[];
  #received = "";
  #from = "";
  #to: string[] = [];
  #body: string[] | undefined;
  /** If set, handles the client's next line as its answer to a login challenge. */
  #answers: ((line: string) => void) | undefined;

  constructor(socket: Socket, behavior: SmtpBehavior, commands: string[], mails: ReceivedMail[]) {
    this.#socket = socket;
    this.#behavior = behavior;
    this.#commands = commands;
    this.#mails = mails;
  }

  start(): void {
    const { implicitTls } = this.#behavior;
    if (implicitTls !== undefined) this.#secure(implicitTls);
    else this.#listen();
    this.#reply("CONNECT", "220 mail.example.org ESMTP");
  }

  #listen(): void {
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk.toString()));
  }

  #secure(pair: KeyPair): void {
    this.#socket.removeAllListeners("data");
    const plain = this.#socket;
    this.#socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(pair) });
    this.#socket.on("error", () => plain.destroy());
    this.#socket.on("close", () => plain.destroy());
    this.#listen();
  }

  #take(text: string): void {
    this.#received += text;
    const lines = this.#received.split("\r\n");
    this.#received = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (this.#body !== undefined) return this.#bodyLine(line);
    this.#commands.push(line);
    this.#behavior.onCommand?.(line);
    if (this.#answers !== undefined) return this.#answers(line);
    const verb = (/^\w+/.exec(line)?.[0] ?? "").toUpperCase();
    const argument = line.slice(verb.length).trim();
    switch (verb) {
      case "EHLO":
        return this.#reply(verb, this.#greeting());
      case "HELO":
        return this.#reply(verb, "250 mail.example.org");
      case "STARTTLS":
        return this.#startTls();
      case "AUTH":
        return this.#auth(argument);
      case "MAIL":
        return this.#reply(verb, "250 2.1.0 Ok", () => ([this.#from, this.#to] = [inAngles(argument), []]));
      case "RCPT":
        return this.#reply(this.#behavior.replies?.[line] === undefined ? verb : line, "250 2.1.5 Ok", () =>
          this.#to.push(inAngles(argument)),
        );
      case "DATA":
        return this.#reply(verb, "354 End data with <CR><LF>.<CR><LF>", () => (this.#body = []));
      case "QUIT":
        return this.#reply(verb, "221 2.0.0 Bye", () => this.#socket.end());
    }
    this.#reply(verb, "502 5.5.2 Error: command not recognized");
  }

  #bodyLine(line: string): void {
    if (line !== ".") return void this.#body!.push(line.startsWith(".") ? line.slice(1) : line);
    const message = this.#body!.map((each) => `${each}\r\n`).join("");
    this.#body = undefined;
    this.#reply("DOT", "250 2.0.0 Ok: queued", () =>
      this.#mails.push({ from: this.#from, to: [...this.#to], message }),
    );
  }

  #greeting(): string {
    const { mechanisms = [], extensions = [], starttls, brokenTls } = this.#behavior;
    const offersTls = (starttls !== undefined || brokenTls === true) && !(this.#socket instanceof TLSSocket);
    const lines = [
      "mail.example.org",
      ...extensions,
      ...(offersTls ? ["STARTTLS"] : []),
      ...(mechanisms.length === 0 ? [] : [`AUTH ${mechanisms.join(" ")}`]),
    ];
    return lines.map((line, i) => `250${i === lines.length - 1 ? " " : "-"}${line}`).join("\r\n");
  }

  #startTls(): void {
    const { starttls, brokenTls, injected = "" } = this.#behavior;
    if (starttls === undefined && brokenTls !== true) return this.#reply("STARTTLS", "502 5.5.1 Not implemented");
    this.#reply("STARTTLS", `220 2.0.0 Ready to start TLS${injected}`, () => {
      if (brokenTls === true) return this.#speakNoTls();
      this.#commands.push("*");
      this.#secure(starttls!);
    });
  }

  #speakNoTls(): void {
    this.#socket.removeAllListeners("data");
    this.#socket.once("data", () => {
      this.#socket.write("this is no TLS at all, I am afraid\r\n");
      this.#socket.destroySoon();
    });
  }

  #auth(argument: string): void {
    const { username = "u1", password = "p1" } = this.#behavior;
    const [mechanism, initial] = argument.split(" ");
    const judge = (good: boolean): void => {
      this.#answers = undefined;
      this.#reply("AUTH", good ? "235 2.7.0 Authentication successful" : "535 5.7.8 Error: authentication failed");
    };
    const sendChallenge = (challenge: string, answered: (answer: string) => void): void => {
      this.#answers = (line) => (line === "*" ? judge(false) : answered(decode(line)));
      this.#write(`334 ${Buffer.from(challenge).toString("base64")}`);
    };
    switch (mechanism) {
      case "PLAIN":
        return judge(decode(initial ?? "").endsWith(`\0${username}\0${password}`));
      case "LOGIN":
        return sendChallenge("Username:", (name) =>
          sendChallenge("Password:", (word) => judge(name === username && word === password)),
        );
      case "CRAM-MD5": {
        const challenge = "<1896.697170952@mail.example.org>";
        const proof = createHmac("md5", password).update(challenge).digest("hex");
        return sendChallenge(challenge, (answer) => judge(answer === `${username} ${proof}`));
      }
      case "XOAUTH2":
        if (decode(initial ?? "") === `user=${username}\u0001auth=Bearer ${password}\u0001\u0001`) return judge(true);
        return sendChallenge('{"status":"400"}', () => judge(false));
    }
    this.#reply("AUTH", "504 5.5.4 Unrecognized authentication type");
  }

  #reply(step: string, usual: string, after: () => void = () => undefined): void {
    const { replies = {}, cutAt, silentAt, delayMs = 0 } = this.#behavior;
    if (cutAt === step) return void this.#socket.destroy();
    if (silentAt === step) return;
    const other = replies[step];
    const answer = (): void => {
      this.#write(other ?? usual);
      if (other === undefined) after();
    };
    if (delayMs === 0) answer();
    else systemClock.after(delayMs, answer);
  }

  #write(line: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${line}\r\n`);
  }
}

const decode = (base64: string): string => Buffer.from(base64, "base64").toString();

const inAngles = (argument: string): string => /<([^>]*)>/.exec(argument)?.[1] ?? "";

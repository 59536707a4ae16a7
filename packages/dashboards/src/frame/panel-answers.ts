import { FrameFormatError } from "./frame-format-error.ts";

/** The media type of a body that contains the answers of several panels. */
export const PANEL_ANSWERS_MEDIA_TYPE = "application/vnd.narthex.panel-answers";
/**
 * Media type of a request for the data of several panels: one line of JSON with their common properties, then one line
 * for each panel.
 */
export const PANEL_QUESTIONS_MEDIA_TYPE = "application/x-ndjson";

/**
 * Content of a panel's answer. `unchanged`: empty, because the client already has the answer; `frames`: encoded frames;
 * `sentence`: an error message.
 */
type PanelAnswerForm = "unchanged" | "frames" | "sentence";

const FORMS: readonly PanelAnswerForm[] = ["unchanged", "frames", "sentence"];

/** The data of one of the panels in a request for several panels. */
export interface PanelAnswer {
  /** Index of the panel in the request, from 0. */
  readonly at: number;
  readonly form: PanelAnswerForm;
  /** HTTP status of the panel's answer. */
  readonly status: number;
  /** Tag that identifies the content: 20 ASCII characters, or empty without a tag. */
  readonly tag: string;
  readonly body: Uint8Array;
}

/** Length of a tag in characters. The 120 bits of a digest are enough to give different answers different tags. */
export const ANSWER_TAG_LENGTH = 20;

/**
 * Length of an answer's head in bytes. The head contains the panel's index, the status and form, and the length of the
 * body (32 bits each, little-endian), then the tag.
 */
const HEAD_BYTES = 12 + ANSWER_TAG_LENGTH;
/** Largest length of an answer's body, in bytes. Even columns with the largest allowed number of values are shorter. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;
const NONE = new Uint8Array(0);

/** Encodes the head of an answer for a stream of answers, which may be in any order. The body must follow. */
export function panelAnswerHead(
  { at, form, status, tag }: Omit<PanelAnswer, "body">,
  bodyLength: number,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, at, true);
  view.setUint16(4, status, true);
  view.setUint16(6, FORMS.indexOf(form), true);
  view.setUint32(8, bodyLength, true);
  for (let i = 0; i < Math.min(tag.length, ANSWER_TAG_LENGTH); i++) head[12 + i] = tag.charCodeAt(i);
  return head;
}

/** Encodes an answer for a stream of answers. Returns the head and the body. */
export function writePanelAnswer(answer: PanelAnswer): readonly Uint8Array[] {
  const head = panelAnswerHead(answer, answer.body.length);
  return answer.body.length === 0 ? [head] : [head, answer.body];
}

/** Assembles answers from the pieces in which they arrive. */
export class PanelAnswerReader {
  readonly #head = new Uint8Array(HEAD_BYTES);
  /** Number of bytes received of the head, or of the body once the head is complete. */
  #filled = 0;
  #body: Uint8Array | undefined;

  /**
   * Adds a piece, and returns the answers that are complete with it; their bytes are copies. Throws FrameFormatError
   * for malformed bytes.
   */
  read(piece: Uint8Array): PanelAnswer[] {
    const answers: PanelAnswer[] = [];
    let at = 0;
    while (at < piece.length) {
      const target = this.#body ?? this.#head;
      const part = piece.subarray(at, at + target.length - this.#filled);
      target.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < target.length) break;
      this.#filled = 0;
      if (this.#body === undefined && this.#bodyLength() > 0) this.#body = new Uint8Array(this.#bodyLength());
      else answers.push(this.#take());
    }
    return answers;
  }

  #bodyLength(): number {
    const length = this.#view().getUint32(8, true);
    if (length > MAX_BODY_BYTES) throw new FrameFormatError("the answer of a panel is too long");
    return length;
  }

  #take(): PanelAnswer {
    const view = this.#view();
    const form = FORMS[view.getUint16(6, true)];
    if (form === undefined) throw new FrameFormatError("the answer of a panel has an unknown form");
    const tag = Array.from(this.#head.subarray(12), (code) => String.fromCharCode(code))
      .join("")
      .replaceAll("\0", "");
    const body = this.#body ?? NONE;
    this.#body = undefined;
    return { at: view.getUint32(0, true), form, status: view.getUint16(4, true), tag, body };
  }

  #view(): DataView {
    return new DataView(this.#head.buffer);
  }
}

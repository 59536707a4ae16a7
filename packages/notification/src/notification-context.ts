/** Facts about the cause of an alert, which some receivers show in addition to the message. */
export interface NotificationContext {
  /** Lines of plain text, such as recent deployments. Their number and their lengths are limited. */
  readonly lines: readonly string[];
  readonly picture: ContextPicture | undefined;
}

/** A picture of the values that fired an alert. */
export interface ContextPicture {
  readonly title: string;
  /** Width and height at which the picture is shown, CSS pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * Returns the picture as a PNG file of at most `maxBytes`. A smaller file has fewer pixels. Returns undefined if no
   * file is small enough.
   */
  png(maxBytes: number): Promise<Uint8Array | undefined>;
}

/** How often alerts with one name have fired in the last days, and how long. */
export interface PastFirings {
  readonly days: number;
  readonly count: number;
  /** Median duration of the firings that have ended, ms. Undefined if none has ended. */
  readonly medianMs: number | undefined;
}

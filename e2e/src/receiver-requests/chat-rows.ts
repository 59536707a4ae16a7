import type { ReceiverRow } from "./receiver-row.ts";

/** Chats and trackers. */
export const CHAT_ROWS: readonly ReceiverRow[] = [];

import { ApiError } from "../../api/request.ts";

/**
 * Returns the response to a panel's request. If the server responds that the session has ended, the user is notified
 * once.
 */
export async function whileSignedIn<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      const { notifySignedOut } = await import("./signed-out.tsx");
      notifySignedOut();
    }
    throw error;
  }
}

import { ApiError } from "../../api/request.ts";

/** Returns the response to a panel's request. If the session has ended, a message says so once. */
export async function whileSignedIn<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      const { tellSignedOut } = await import("./signed-out.tsx");
      tellSignedOut();
    }
    throw error;
  }
}

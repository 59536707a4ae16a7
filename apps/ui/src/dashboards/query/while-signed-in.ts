import { ApiError } from "../../api/request.ts";

/** The answer to a request of a panel; where the role knows the asker no more, the page says so once. */
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

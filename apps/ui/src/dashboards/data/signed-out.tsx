import { Anchor, Text } from "@mantine/core";
import { showNotification } from "../../shell/Notifications.tsx";

/**
 * Shows one message that the session has ended. The page keeps its content, and the link to sign in leads back to the
 * page.
 */
export function notifySignedOut(): void {
  showNotification({
    id: "signed-out",
    color: "yellow",
    title: "You are not signed in any more",
    message: (
      <Text size="sm" span>
        The page keeps its data, but is not updated any more.{" "}
        <Anchor component="button" type="button" size="sm" onClick={() => location.reload()}>
          Sign in
        </Anchor>
      </Text>
    ),
    autoClose: false,
  });
}

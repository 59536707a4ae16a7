import { Anchor, Text } from "@mantine/core";
import { showNotification } from "../../shell/Notifications.tsx";

/** Shows once that the session has ended. Pages keep their content, and signing in returns to them. */
export function tellSignedOut(): void {
  showNotification({
    id: "signed-out",
    color: "yellow",
    title: "You are not signed in any more",
    message: (
      <Text size="sm" span>
        What is shown stays, but nothing new comes.{" "}
        <Anchor component="button" type="button" size="sm" onClick={() => location.reload()}>
          Sign in
        </Anchor>
      </Text>
    ),
    autoClose: false,
  });
}

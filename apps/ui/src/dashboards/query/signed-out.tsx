import { Anchor, Text } from "@mantine/core";
import { showNotification } from "../../shell/Notifications.tsx";

/** Tells the reader, once, that the login has ended: pages keep what they show, and signing in leads back to them. */
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

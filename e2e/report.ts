/** Says which hosts the tests ran on, and how many tests each of them passed. */
import type { FullConfig, Reporter, Suite } from "@playwright/test/reporter";
import { desktopHost } from "./desktop-host.ts";

export default class HostReport implements Reporter {
  #suite: Suite | null = null;

  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    this.#suite = suite;
    const projects = config.projects.map(({ name }) => name).join(", ");
    console.log(`Hosts: ${projects}. The desktop app runs on ${desktopHost.description}.`);
  }

  onEnd(): void {
    console.log("\nHosts these tests ran on:");
    for (const project of this.#suite?.suites ?? []) {
      const count = (outcome: string) => project.allTests().filter((test) => test.outcome() === outcome).length;
      const host = project.title === "desktop" ? `desktop, on ${desktopHost.description}` : project.title;
      const retried = count("flaky");
      const skipped = count("skipped");
      console.log(
        `  ${host}: ${count("expected") + retried} passed${retried > 0 ? ` (${retried} at a second try)` : ""}, ` +
          `${count("unexpected")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
      );
    }
  }
}

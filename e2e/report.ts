/** Says which hosts the tests ran on, and how many tests each of them passed. */
import type { FullConfig, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { desktopHost } from "./desktop-host.ts";

export default class HostReport implements Reporter {
  readonly #counts = new Map<string, { passed: number; failed: number; skipped: number }>();

  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig): void {
    const projects = config.projects.map(({ name }) => name).join(", ");
    console.log(`Hosts: ${projects}. The desktop app runs on ${desktopHost.description}.`);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const name = test.parent.project()?.name ?? "";
    const counts = this.#counts.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    if (result.status === "skipped") counts.skipped += 1;
    else if (result.status === test.expectedStatus) counts.passed += 1;
    else counts.failed += 1;
    this.#counts.set(name, counts);
  }

  onEnd(): void {
    console.log("\nHosts these tests ran on:");
    for (const [name, { passed, failed, skipped }] of this.#counts) {
      const host = name === "desktop" ? `desktop, on ${desktopHost.description}` : name;
      console.log(`  ${host}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    }
  }
}

/** Follows what Chromium says about its pages: those that end, and those that nobody asked for. */
import { chromium } from "../chromium/browser.mjs";
import { coreOfFrame, coreOfTarget } from "../window/registry.mjs";

export function watchTargets() {
  const { browser } = chromium;
  browser.on("Target.targetCreated", ({ targetInfo }) => {
    // The stand-in's own pages have no opener: this is one that Chromium opened for a page.
    const opener = targetInfo.type === "page" ? coreOfFrame(targetInfo.openerId) : undefined;
    opener?.newWindows.refuse(targetInfo.targetId);
  });
  browser.on("Target.targetDestroyed", ({ targetId }) => coreOfTarget(targetId)?.targetGone());
}

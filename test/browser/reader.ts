// Opens pages in a browser and takes down everything they do beyond being read.
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface ReaderOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

/** Violations of the content security policy, as the page sees them. */
const WATCH = `addEventListener('securitypolicyviolation', (event) =>
  console.error('violation of ' + event.violatedDirective + ' by ' + event.blockedURI));`;

export class Reader {
  readonly page: Page;
  /** URLs of all requests. */
  readonly requests: string[] = [];
  /** Messages of the console, uncaught errors, dialogs, new windows, downloads. */
  readonly incidents: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    context.on('request', (request) => this.requests.push(request.url()));
    context.on('page', (opened) => this.incidents.push(`window: ${opened.url()}`));
    page.on('console', (message) => this.incidents.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.incidents.push(`error: ${error.message}`));
    page.on('download', (download) => this.incidents.push(`download: ${download.url()}`));
    page.on('dialog', (dialog) => {
      this.incidents.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async open(
    browser: Browser,
    { colorScheme = 'light', width = 1200 }: ReaderOptions = {},
  ): Promise<Reader> {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    context.setDefaultTimeout(30_000);
    await context.addInitScript(WATCH);
    return new Reader(context, await context.newPage());
  }

  /** Status of the page at `url`, loaded with all it asks for. */
  async goTo(url: string): Promise<number> {
    const response = await this.page.goto(url, { waitUntil: 'load' });
    return response?.status() ?? 0;
  }

  /** Runs JavaScript in the page from outside of it: the page's own policy does not apply. */
  ask<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

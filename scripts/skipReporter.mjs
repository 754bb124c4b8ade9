// A vitest reporter that names every test that did not run, with the reason: the default one shows neither when its file passed.

export default class SkipReporter {
  /** @param {import('vitest/node').TestCase} testCase */
  onTestCaseResult(testCase) {
    const result = testCase.result();
    if (result.state === 'skipped') process.stdout.write(`skipped: ${testCase.fullName}: ${result.note ?? 'no reason given'}\n`);
  }
}

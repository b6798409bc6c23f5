/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JUnit XML, as CI systems read it: testsuites, a testsuite each group, a testcase each case. No time and no name of the
 * machine is in it, so that the same results give the same bytes.
 */
#ifndef CCASIM_TOOLS_JUNIT_H
#define CCASIM_TOOLS_JUNIT_H

#include <stddef.h>
#include <stdio.h>

enum junit_result { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_RESULTS };

struct junit;
/* NULL: the file cannot be opened; errno says why. */
struct junit *junit_open(const char *path);
/* The suite of the cases that follow; goes on with the current one if that has this name. */
void junit_suite(struct junit *j, const char *name, size_t len);
/*
 * What was said of it becomes the text, and its most telling line the message; of one that is skipped the message is all.
 * Any bytes: what XML cannot hold is replaced. `type` is of a failure or an error.
 */
void junit_case(struct junit *j, const char *name, enum junit_result result, const char *type,
                const char *said);
/* Writes it. The caller closes the file, and looks for errors. */
FILE *junit_close(struct junit *j);

#endif

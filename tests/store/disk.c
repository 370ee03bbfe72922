/* A disk that fails, or remembers: loaded into a process with LD_PRELOAD, it stands between SQLite and the files whose
 * path holds "a.db" (the database and its log).
 *
 * fail_at(n, count, errno): the n-th write or sync from now on, and count - 1 after it, fail. failed(): how many did.
 * log_to(path): write down every write, truncation and sync, and the marks of the program, in the order of their coming.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long at, count, seen, bad;
static int error;
static FILE *out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fail_at(long n, long how_many, int number) { at = n; count = how_many; error = number; seen = bad = 0; }
long failed(void) { return bad; }
void log_to(const char *path) { out = fopen(path, "wb"); }

static void note(char what, int file, int64_t offset, int64_t length, const void *data) {
    if (!out) return;
    pthread_mutex_lock(&lock);
    fputc(what, out); fputc(file, out); fwrite(&offset, 8, 1, out); fwrite(&length, 8, 1, out);
    if (data) fwrite(data, 1, length, out);
    fflush(out);
    pthread_mutex_unlock(&lock);
}
void mark(int64_t number) { note('M', 0, number, 0, 0); }

/* 0: the database, 1: its log, -1: none of ours. */
static int which(int fd) {
    if (!at && !out) return -1;
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return -1;
    path[n] = 0;
    if (strstr(path, "a.db-wal")) return 1;
    if (!strstr(path, "a.db") || strstr(path, "a.db-") || strstr(path, "a.db.")) return -1;
    return 0;
}
static int fails(int file) {
    if (!at || file < 0) return 0;
    seen++;
    if (seen < at || seen >= at + count) return 0;
    bad++; errno = error;
    return 1;
}

#define REAL(name, type, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
#define WRITE(name, place) ssize_t name(int fd, const void *data, size_t n, place offset) { \
    REAL(#name, ssize_t, int, const void *, size_t, place); int file = which(fd); if (fails(file)) return -1; \
    ssize_t done = real(fd, data, n, offset); if (file >= 0 && done > 0) note('W', file, offset, done, data); return done; }
#define SYNC(name) int name(int fd) { \
    REAL(#name, int, int); int file = which(fd); if (fails(file)) return -1; \
    int done = real(fd); if (file >= 0 && !done) note('S', file, 0, 0, 0); return done; }
#define CUT(name, place) int name(int fd, place length) { \
    REAL(#name, int, int, place); int file = which(fd); if (fails(file)) return -1; \
    int done = real(fd, length); if (file >= 0 && !done) note('T', file, length, 0, 0); return done; }

WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)
SYNC(fsync)
SYNC(fdatasync)
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

/* For machines that are no Raspberry Pi: stands in for what the kernel lacks, and breaks the camera on request.
 *
 * libcamera's virtual camera takes its buffers from /dev/udmabuf, picamera2 its own from a DMA heap. A kernel built without either
 * gets anonymous memory (memfd) instead, which can be mapped just as well. In $CAMERA_FAULTS two files say what is the matter:
 *   hang   whoever maps a buffer waits until the file is gone: frames stop, as with a driver stuck in the kernel
 *   fail   buffers cannot be mapped: frames break off, as when the cable is pulled */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int provides_buffers(const char *path)
{
    return path && (!strcmp(path, "/dev/udmabuf") || !strncmp(path, "/dev/dma_heap/", 14));
}

#define OPEN_LIKE(NAME)                                                     \
    int NAME(const char *path, int flags, ...)                              \
    {                                                                       \
        static int (*real)(const char *, int, ...);                         \
        mode_t mode = 0;                                                    \
        if (!real) real = dlsym(RTLD_NEXT, #NAME);                          \
        if (flags & (O_CREAT | O_TMPFILE)) {                                \
            va_list rest;                                                   \
            va_start(rest, flags);                                          \
            mode = va_arg(rest, mode_t);                                    \
            va_end(rest);                                                   \
        }                                                                   \
        if (provides_buffers(path)) return memfd_create("provider", MFD_CLOEXEC); \
        return real(path, flags, mode);                                     \
    }
OPEN_LIKE(open)
OPEN_LIKE(open64)

static int heap_buffer(struct dma_heap_allocation_data *wanted)
{
    int buffer = memfd_create("buffer", MFD_CLOEXEC);
    if (buffer < 0) return -1;
    if (ftruncate(buffer, wanted->len)) {
        close(buffer);
        return -1;
    }
    wanted->fd = buffer;
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, ...);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    if (request == UDMABUF_CREATE) return fcntl(((struct udmabuf_create *)argument)->memfd, F_DUPFD_CLOEXEC, 3);
    if (request == DMA_HEAP_IOCTL_ALLOC) return heap_buffer(argument);
    int answer = real(fd, request, argument);
    int harmless = request == DMA_BUF_IOCTL_SYNC || request == DMA_BUF_SET_NAME_A || request == DMA_BUF_SET_NAME_B;
    return answer < 0 && errno == ENOTTY && harmless ? 0 : answer; /* memory needs neither */
}

static int is_there(const char *fault)
{
    const char *folder = getenv("CAMERA_FAULTS");
    char path[512];
    if (!folder) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, fault);
    return access(path, F_OK) == 0;
}

static int is_buffer(int fd)
{
    char link[64], target[64] = "";
    if (fd < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, target, sizeof target - 1) > 0 && !strncmp(target, "/memfd:", 7);
}

#define MMAP_LIKE(NAME, OFFSET)                                                             \
    void *NAME(void *at, size_t length, int protection, int flags, int fd, OFFSET offset)   \
    {                                                                                       \
        static void *(*real)(void *, size_t, int, int, int, OFFSET);                        \
        if (!real) real = dlsym(RTLD_NEXT, #NAME);                                          \
        if (is_buffer(fd)) {                                                                \
            while (is_there("hang")) usleep(20000);                                         \
            if (is_there("fail")) {                                                         \
                errno = ENODEV;                                                             \
                return MAP_FAILED;                                                          \
            }                                                                               \
        }                                                                                   \
        return real(at, length, protection, flags, fd, offset);                             \
    }
MMAP_LIKE(mmap, off_t)
MMAP_LIKE(mmap64, off64_t)

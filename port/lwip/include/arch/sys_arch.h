/* lwIP's semaphores, mailboxes and mutexes, made of port.h's mutexes and conditions. The names are lwIP's. */
#ifndef LWIP_ARCH_SYS_ARCH_H
#define LWIP_ARCH_SYS_ARCH_H

#include "port.h"

struct sys_sem {
    struct port_mutex mutex;
    struct port_cond raised;
    unsigned count;
    int valid;
};

struct sys_mbox; /* from a pool: lwIP says only when it is made how many messages it is for */

typedef struct sys_sem sys_sem_t;
typedef struct port_mutex sys_mutex_t;
typedef struct sys_mbox *sys_mbox_t;
typedef int sys_thread_t;
typedef int sys_prot_t;

#define sys_sem_valid(sem)       ((sem)->valid)
#define sys_sem_set_invalid(sem) ((sem)->valid = 0)

#define sys_mbox_valid(mbox)       (*(mbox) != NULL)
#define sys_mbox_set_invalid(mbox) (*(mbox) = NULL)

#define sys_mutex_valid(mutex)       1
#define sys_mutex_set_invalid(mutex) ((void)(mutex))

/* The semaphore of the calling thread, made when it first calls lwIP and given back when it ends. */
struct sys_sem *sys_arch_thread_sem(void);
#define LWIP_NETCONN_THREAD_SEM_GET()   sys_arch_thread_sem()
#define LWIP_NETCONN_THREAD_SEM_ALLOC() ((void)sys_arch_thread_sem())
#define LWIP_NETCONN_THREAD_SEM_FREE()

/* The error of the calling thread's last call that failed, an errno value. */
int sys_arch_error(void);

/* How deep the stack of lwIP's own thread was used so far, of TCPIP_THREAD_STACKSIZE. */
size_t sys_arch_timers_peak(void);

#endif

/* The board's network card, a LAN9118: lwIP's driver for it.
 *
 * Frames are received by a thread of its own, which the interrupt wakes, straight into lwIP's buffers; where there is
 * none they are dropped and counted, as a network may, and whoever sent them sends again. Frames are sent from the
 * caller's thread, straight out of lwIP's buffers, under its core lock. */
#include <stdbool.h>
#include <string.h>

#include "FreeRTOS.h"
#include "board.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"
#include "lwip/tcpip.h"
#include "mps2.h"
#include "os.h"
#include "port.h"
#include "task.h"
#include "threads.h"

/* Registers, and the bits of them. The data sheet's names. */
#define RX_DATA_FIFO   0x00
#define TX_DATA_FIFO   0x20
#define RX_STATUS_FIFO 0x40
#define TX_STATUS_FIFO 0x48
#define ID_REV         0x50
#define IRQ_CFG        0x54
#define INT_STS        0x58
#define INT_EN         0x5c
#define FIFO_INT       0x68
#define TX_CFG         0x70
#define HW_CFG         0x74
#define RX_FIFO_INF    0x7c
#define TX_FIFO_INF    0x80
#define PMT_CTRL       0x84
#define MAC_CSR_CMD    0xa4
#define MAC_CSR_DATA   0xa8

#define ID_LAN9118     0x0118
#define IRQ_CFG_ENABLE 0x111u    /* enabled, active high, driven both ways */
#define INT_RSFL       (1u << 3) /* a frame was received */
#define HW_CFG_RESET   1u
#define HW_CFG_FIFOS   (1u << 20 | 5u << 16) /* as the data sheet says; 5 KiB to send */
#define PMT_READY      1u
#define TX_CFG_ON      2u
#define RX_ERROR       (1u << 15)
#define TX_FIRST       (1u << 13)
#define TX_LAST        (1u << 12)
#define CSR_BUSY       (1u << 31)
#define CSR_READ       (1u << 30)

/* The MAC's own registers, behind two of those. */
#define MAC_CR         1
#define MAC_ADDRH      2
#define MAC_ADDRL      3
#define MAC_MII_ACC    6
#define MAC_MII_DATA   7
#define MAC_CR_RX      (1u << 2)
#define MAC_CR_TX      (1u << 3)
#define MAC_CR_MULTI   (1u << 19) /* all multicasts pass: there are few on a LAN, and lwIP knows which are ours */
#define MAC_CR_DUPLEX  (1u << 20)
#define MII_BUSY       1u
#define MII_WRITE      2u
#define MII_PHY        (1u << 11) /* the internal one */

/* The PHY's, behind two of the MAC's. */
#define PHY_BCR       0
#define PHY_BSR       1
#define PHY_NEGOTIATE 0x1200u
#define PHY_BSR_LINK  4u

#define CRC_BYTES      4
#define LINK_CHECK_MS  500
#define PATIENCE       100000 /* readings of a register until the card is said to be broken */
#define THREAD_BYTES   2048 /* lwIP runs on it: LWIP_TCPIP_CORE_LOCKING_INPUT */
#define THREAD_PRIORITY 2    /* above clients, below lwIP's timers */

_Static_assert(configTASK_NOTIFICATION_ARRAY_ENTRIES > 1, "the port has one notification, and this driver another");
_Static_assert(PBUF_POOL_BUFSIZE % 4 == 0, "frames are received in words");

static struct {
    struct port_thread thread;
    TaskHandle_t task; /* the thread's own; NULL before it runs */
} card;
static _Alignas(16) char card_stack[THREAD_BYTES];

static volatile uint32_t *at(uint32_t offset)
{
    return mps2_register(MPS2_LAN9118, offset);
}

/* False: the bits did not go. */
static bool wait_clear(uint32_t offset, uint32_t bits)
{
    for (int i = 0; i < PATIENCE; i++)
        if ((*at(offset) & bits) == 0)
            return true;
    return false;
}

static uint32_t mac_read(uint32_t index)
{
    *at(MAC_CSR_CMD) = CSR_BUSY | CSR_READ | index;
    wait_clear(MAC_CSR_CMD, CSR_BUSY);
    return *at(MAC_CSR_DATA);
}

static void mac_write(uint32_t index, uint32_t value)
{
    *at(MAC_CSR_DATA) = value;
    *at(MAC_CSR_CMD) = CSR_BUSY | index;
    wait_clear(MAC_CSR_CMD, CSR_BUSY);
}

static void phy_wait(void)
{
    for (int i = 0; i < PATIENCE && (mac_read(MAC_MII_ACC) & MII_BUSY) != 0; i++)
        ;
}

static uint32_t phy_read(uint32_t index)
{
    mac_write(MAC_MII_ACC, MII_PHY | index << 6 | MII_BUSY);
    phy_wait();
    return mac_read(MAC_MII_DATA);
}

static void phy_write(uint32_t index, uint32_t value)
{
    mac_write(MAC_MII_DATA, value);
    mac_write(MAC_MII_ACC, MII_PHY | index << 6 | MII_WRITE | MII_BUSY);
    phy_wait();
}

/* -- sending: any thread, under lwIP's core lock -- */

/* Each buffer as a segment of its own: the card takes whole words and skips what stands before its first byte. */
static err_t transmit(struct netif *netif, struct pbuf *frame)
{
    (void)netif;
    while ((*at(TX_FIFO_INF) >> 16 & 0xff) > 0) /* what became of earlier ones; TCP sends again by itself */
        (void)*at(TX_STATUS_FIFO);
    uint32_t needed = 0, first = TX_FIRST;
    for (const struct pbuf *part = frame; part != NULL; part = part->next)
        needed += part->len + 16u;
    for (int i = 0; (*at(TX_FIFO_INF) & 0xffff) < needed; i++)
        if (i == PATIENCE) {
            LINK_STATS_INC(link.drop);
            return ERR_IF;
        }
    for (const struct pbuf *part = frame; part != NULL; part = part->next) {
        uint32_t skipped = (uintptr_t)part->payload & 3;
        const char *from = (const char *)part->payload - skipped;
        if (part->len == 0)
            continue;
        *at(TX_DATA_FIFO) = skipped << 16 | first | (part->len == part->tot_len ? TX_LAST : 0) | part->len;
        *at(TX_DATA_FIFO) = frame->tot_len;
        for (uint32_t sent = 0; sent < skipped + part->len; sent += sizeof(uint32_t)) {
            uint32_t word;
            memcpy(&word, from + sent, sizeof word);
            *at(TX_DATA_FIFO) = word;
        }
        first = 0;
    }
    LINK_STATS_INC(link.xmit);
    return ERR_OK;
}

/* -- receiving: the card's thread -- */

static void skip_words(uint32_t count)
{
    while (count-- > 0)
        (void)*at(RX_DATA_FIFO);
}

/* The next frame, out of the card in any case. NULL: it was broken, or there was no buffer. */
static struct pbuf *take_frame(void)
{
    uint32_t status = *at(RX_STATUS_FIFO);
    uint32_t length = status >> 16 & 0x3fff, words = (length + 3) / 4;
    struct pbuf *frame = NULL;
    if ((status & RX_ERROR) != 0 || length <= CRC_BYTES) {
        LINK_STATS_INC(link.chkerr);
    } else {
        frame = pbuf_alloc(PBUF_RAW, (u16_t)(length - CRC_BYTES), PBUF_POOL);
        if (frame == NULL)
            LINK_STATS_INC(link.memerr);
    }
    for (struct pbuf *part = frame; part != NULL; part = part->next) {
        for (uint32_t taken = 0; taken < part->len; taken += sizeof(uint32_t)) {
            uint32_t word = *at(RX_DATA_FIFO);
            memcpy((char *)part->payload + taken, &word, sizeof word); /* a buffer's size is whole words */
            words--;
        }
    }
    skip_words(words);
    return frame;
}

static void receive_all(struct netif *netif)
{
    while ((*at(RX_FIFO_INF) >> 16 & 0xff) > 0) {
        struct pbuf *frame = take_frame();
        if (frame == NULL)
            continue;
        LINK_STATS_INC(link.recv);
        (void)os_random(); /* stirs in the moment at which it came */
        if (!netif_is_link_up(netif) || netif->input(frame, netif) != ERR_OK) {
            LINK_STATS_INC(link.drop);
            pbuf_free(frame);
        }
    }
}

static void check_link(struct netif *netif)
{
    bool up = (phy_read(PHY_BSR) & PHY_BSR_LINK) != 0;
    if (up == (netif_is_link_up(netif) != 0))
        return;
    LOCK_TCPIP_CORE();
    if (up)
        netif_set_link_up(netif);
    else
        netif_set_link_down(netif);
    UNLOCK_TCPIP_CORE();
}

static void run(void *argument)
{
    struct netif *netif = argument;
    TickType_t checked = xTaskGetTickCount();
    thread_is("network card", THREAD_PRIORITY);
    card.task = xTaskGetCurrentTaskHandle();
    check_link(netif);
    for (;;) {
        /* What comes after this is told again by the interrupt. */
        *at(INT_STS) = INT_RSFL;
        receive_all(netif);
        if (xTaskGetTickCount() - checked >= pdMS_TO_TICKS(LINK_CHECK_MS)) {
            checked = xTaskGetTickCount();
            check_link(netif);
        }
        *at(INT_EN) = INT_RSFL;
        ulTaskNotifyTakeIndexed(0, pdTRUE, pdMS_TO_TICKS(LINK_CHECK_MS));
    }
}

/* The line stays up until the frames are out: quiet till then. */
void lan9118_handler(void)
{
    BaseType_t switches = pdFALSE;
    *at(INT_EN) = 0;
    if (card.task != NULL)
        vTaskNotifyGiveIndexedFromISR(card.task, 0, &switches);
    portYIELD_FROM_ISR(switches);
}

/* -- the start -- */

static bool reset(void)
{
    *at(HW_CFG) = HW_CFG_RESET;
    if (!wait_clear(HW_CFG, HW_CFG_RESET))
        return false;
    for (int i = 0; (*at(PMT_CTRL) & PMT_READY) == 0; i++)
        if (i == PATIENCE)
            return false;
    return *at(ID_REV) >> 16 == ID_LAN9118;
}

/* The card has its address from an EEPROM; without one, bytes that stand for no maker (the first's second bit). */
static void read_address(struct netif *netif)
{
    static const u8_t own[] = {0x02, 0x62, 0x6f, 0x62, 0x69, 0x6e};
    uint32_t low = mac_read(MAC_ADDRL), high = mac_read(MAC_ADDRH) & 0xffff;
    u8_t address[ETH_HWADDR_LEN] = {(u8_t)low,         (u8_t)(low >> 8), (u8_t)(low >> 16),
                                    (u8_t)(low >> 24), (u8_t)high,       (u8_t)(high >> 8)};
    bool none = (address[0] & 1) != 0 || (low == 0 && high == 0);
    memcpy(netif->hwaddr, none ? own : address, ETH_HWADDR_LEN);
    if (none) {
        mac_write(MAC_ADDRL, 0x626f6202u);
        mac_write(MAC_ADDRH, 0x6e69u);
    }
}

err_t board_network_card(struct netif *netif)
{
    if (!reset())
        return ERR_IF;
    *at(INT_EN) = 0;
    *at(INT_STS) = UINT32_MAX;
    *at(HW_CFG) = HW_CFG_FIFOS;
    *at(FIFO_INT) = 0; /* from the first frame on */
    *at(TX_CFG) = TX_CFG_ON;
    *at(IRQ_CFG) = IRQ_CFG_ENABLE;
    read_address(netif);
    phy_write(PHY_BCR, PHY_NEGOTIATE);
    mac_write(MAC_CR, MAC_CR_RX | MAC_CR_TX | MAC_CR_MULTI | MAC_CR_DUPLEX);

    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->mtu = 1500;
    netif->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
#if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
#endif
    netif->linkoutput = transmit;
    mps2_irq_enable(MPS2_LAN9118_IRQ);
    return port_thread_start(&card.thread, run, netif, card_stack, sizeof card_stack) == 0 ? ERR_OK : ERR_MEM;
}

// The ticket, large enough to be photographed when no paper comes; then the offer.
import QtQuick

Item {
    id: page

    TicketSheet {
        id: sheet
        width: parent.width
        height: answers.tiles.length ? Math.min(600, page.height - answers.height - question.height - 64)
                                     : Math.min(760, page.height)
    }

    Words {
        id: question
        y: sheet.height + 36
        width: parent.width
        visible: answers.tiles.length > 0
        text: bridge.screen.caption ?? ""
        size: 44
        weight: Font.DemiBold
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 230 : 200
        y: question.y + question.height + 20
    }
}
